using System.Text;
using System.Text.Json;

namespace Godwit.Tests.Cli.Commands;

/// <summary>When, where and with which checksum a file was delivered: <c>history --path</c> and <c>show --files</c>.</summary>
public sealed class PastFilesTests : IDisposable
{
    private const string Sha256OfOne = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";

    private readonly FilesFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("d/a")]
    [InlineData("./d/a")]
    [InlineData("d/")]
    [InlineData("src/d/a")]
    [InlineData("dst/d/a")]
    [InlineData("dst/d")]
    public async Task A_delivered_file_is_found_by_every_path_that_a_person_knows(string path)
    {
        _folder.Put("src/d/a", "one");
        _folder.Put("src/d-x", "other");
        await RunAsync("copy", _folder.In("src"), _folder.In("dst"), "--manifest", _folder.In("sums"));
        string asked = path.StartsWith("src", StringComparison.Ordinal) || path.StartsWith("dst", StringComparison.Ordinal) ? _folder.In(path) : path;
        Said answer = await RunAsync("history", "--path", asked);
        string line = Assert.Single(Lines(answer));
        Assert.Equal(0, answer.Code);
        Assert.Contains($"file:///{_folder.In("src/d/a")[1..]} -> file:///{_folder.In("dst/d/a")[1..]}  3 bytes  verified ", line, StringComparison.Ordinal);
        Assert.Contains($"sha256:{Sha256OfOne}", line, StringComparison.Ordinal);
        Assert.Contains("  delivered   ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_delivery_is_told_newest_first_and_as_json_in_utc_to_the_nanosecond()
    {
        _folder.Put("src/a", "one");
        await RunAsync("copy", _folder.In("src"), _folder.In("dst"), "--manifest", _folder.In("sums"));
        _folder.Put("src/a", "longer");
        await RunAsync("copy", _folder.In("src"), _folder.In("dst"));
        JsonElement[] found = await JsonAsync("history", "--path", "a", "--json");
        Assert.Equal(["delivered", "superseded"], found.Select(one => one.GetProperty("state").GetString()));
        Assert.Equal([6, 3], found.Select(one => one.GetProperty("bytes").GetInt64()));
        Assert.Equal(Sha256OfOne, found[1].GetProperty("checksums").GetProperty("sha256").GetString());
        Assert.Equal(("copy", _folder.In("src/a")[1..]), (found[1].GetProperty("verb").GetString(), found[1].GetProperty("source_path").GetString()));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7,9}Z$", found[0].GetProperty("time").GetString());
        Assert.Single(Lines(await RunAsync("history", "--path", "a", "--limit", "1")));
    }

    [Fact]
    public async Task What_resend_takes_back_and_a_baseline_sets_is_told_and_is_no_delivery()
    {
        _folder.Put("src/a", "one");
        Assert.Equal(4, (await RunAsync("history", "--path", "a")).Code);
        await RunAsync("copy", _folder.In("src"), _folder.In("dst"));
        Said below = await RunAsync("history", "--path", "./b");
        Assert.Equal(4, below.Code);
        Assert.Contains(
            $"below DST of every run, not in this directory: for the file that is here, write --path {Path.GetFullPath("b")}.", below.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("below DST", (await RunAsync("history", "--path", _folder.In("none"))).Error, StringComparison.Ordinal);
        await RunAsync("resend", _folder.In("src"), _folder.In("dst"));
        Said taken = await RunAsync("history", "--path", "a");
        Assert.Equal(4, taken.Code);
        Assert.Contains("No receipt of \"a\" counts now", taken.Error, StringComparison.Ordinal);
        Assert.Equal(["resend", "superseded"], Lines(taken).Select(line => line.Split("  ")[1].Trim()));

        _folder.Put("src/b", "two");
        await RunAsync("baseline", _folder.In("src"), _folder.In("dst"), "--path", "b");
        foreach (string path in (string[])["b", _folder.In("src/b"), _folder.In("dst/b")])
        {
            Said set = await RunAsync("history", "--path", path);
            Assert.Equal((4, "baseline"), (set.Code, Assert.Single(Lines(set)).Split("  ")[1].Trim()));
        }
    }

    [Fact]
    public async Task A_run_shows_the_files_that_it_delivered()
    {
        _folder.Put("src/d/a", "one");
        _folder.Put("src/b", "two");
        await RunAsync("copy", _folder.In("src"), _folder.In("dst"), "--manifest", _folder.In("sums"));
        string id = Encoding.UTF8.GetString((await RunAsync("history", "--path", "b", "--json")).Output).Split("\"id\":\"")[1].Split('"')[0];
        string[] lines = Lines(await RunAsync("show", id, "--files"));
        Assert.Equal(["b", "d/a"], lines.Select(line => line.Split("  ")[0]));
        Assert.Contains("  3 bytes  verified ", lines[1], StringComparison.Ordinal);
        Assert.Contains($"sha256:{Sha256OfOne}", lines[1], StringComparison.Ordinal);
        JsonElement[] found = await JsonAsync("show", id, "--files", "--json");
        Assert.Equal(["b", "d/a"], found.Select(one => one.GetProperty("path").GetString()));
        Assert.Equal(Sha256OfOne, found[1].GetProperty("checksums").GetProperty("sha256").GetString());
    }

    private Task<Said> RunAsync(params string[] args) => _folder.RunAsync([.. args, "--state", _folder.In("state")]);

    private async Task<JsonElement[]> JsonAsync(params string[] args) =>
        [.. Lines(await RunAsync(args)).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string[] Lines(Said said) => said.Lines;
}
