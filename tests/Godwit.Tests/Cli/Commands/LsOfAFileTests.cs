using System.Runtime.Versioning;
using System.Text.Json;
using Godwit.Tests.Backends.S3;
using Godwit.Tests.Cli.Configuration;

namespace Godwit.Tests.Cli.Commands;

/// <summary>One file listed by itself has its name, on every store, as it has in the listing of its directory.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LsOfAFileTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_of_a_bucket_is_listed_by_its_name_as_any_other()
    {
        _folder.Put("key", "KEY");
        await using var server = new S3StandIn(_ => new S3StandIn.Answer(
            200, "", ("Content-Length", "3"), ("ETag", "\"x\""), ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")));
        _folder.Write($$"""
            endpoints:
              lab:
                url: s3://bucket/deep
                options: { endpoint: "{{server.Endpoint}}" }
                credentials:
                  access-key: { file: {{_folder.In("key")}} }
                  secret-key: { command: [echo, secret] }

            """);
        Assert.Equal("file\n", (await _folder.SucceedAsync("ls", "lab:below/file")).Output);
        using var json = JsonDocument.Parse((await _folder.SucceedAsync("ls", "lab:below/file", "--json")).Output);
        Assert.Equal("file", json.RootElement.GetProperty("path").GetString());
    }

    [Fact]
    public async Task One_file_is_taken_or_left_out_by_filters_under_the_name_that_was_typed()
    {
        using var folder = new FilesFolder();
        folder.Put("real", "one");
        string link = folder.In("link");
        File.CreateSymbolicLink(link, "real");
        folder.Put("other", "one");
        string[] check = ["check", link, folder.In("other"), "--compare", "size"];
        Assert.Equal(0, (await folder.RunAsync([.. check, "--exclude", "real"])).Code);
        Said left = await folder.RunAsync([.. check, "--exclude", "link"]);
        Assert.Equal(1, left.Code);
        Assert.Contains("nothing was compared", left.Error, StringComparison.Ordinal);
        Assert.Contains("\"link\"", (await folder.RunAsync([.. check, "--json"])).Text, StringComparison.Ordinal);
        Assert.Equal("link\n", (await folder.RunAsync("ls", link)).Text);
        Assert.Equal("", (await folder.RunAsync("ls", link, "--exclude", "link")).Text);
        Assert.Equal("link\n", (await folder.RunAsync("ls", link, "--exclude", "real")).Text);
    }
}
