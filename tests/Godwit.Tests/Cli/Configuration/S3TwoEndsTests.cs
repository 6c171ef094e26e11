using System.Runtime.Versioning;
using Godwit.Tests.Backends.S3;

namespace Godwit.Tests.Cli.Configuration;

/// <summary>Between two S3 servers, what is said of one is not done to the other.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class S3TwoEndsTests : IAsyncDisposable
{
    private readonly ConfigurationFolder _folder = new();
    private readonly S3StandIn _lab = new(_ => S3StandIn.Error(404, "NoSuchBucket"));
    private readonly S3StandIn _archive = new(_ => S3StandIn.Error(404, "NoSuchBucket"));

    public S3TwoEndsTests()
    {
        _folder.Variables["AWS_ACCESS_KEY_ID"] = "KEY";
        _folder.Variables["AWS_SECRET_ACCESS_KEY"] = "secret";
        _folder.Put("key", new string('k', 32));
        _folder.Write($$"""
            endpoints:
              lab: { url: s3://bucket/raw, options: { endpoint: "{{_lab.Endpoint}}" } }
              archive: { url: s3://bucket/kept, options: { endpoint: "{{_archive.Endpoint}}" } }
              any: { url: "s3://" }

            """);
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        await _lab.DisposeAsync();
        await _archive.DisposeAsync();
    }

    [Theory]
    [InlineData("copy", "lab:", "archive:")]
    [InlineData("sync", "archive:", "lab:")]
    [InlineData("move", "lab:", "archive:x")]
    [InlineData("check", "lab:", "archive:")]
    [InlineData("sync", "s3://bucket/x", "lab:")]
    public async Task A_server_of_the_command_line_does_not_take_the_place_of_one_that_an_endpoint_names(string verb, string from, string to)
    {
        string server = _archive.Endpoint.AbsoluteUri.TrimEnd('/');
        Refused(await _folder.RunAsync(verb, from, to, "--s3-endpoint", server), "--s3-endpoint", server, "\"lab\"", _lab.Endpoint.AbsoluteUri.TrimEnd('/'));
        _folder.Variables["GODWIT_S3_ENDPOINT"] = server;
        Refused(await _folder.RunAsync(verb, from, to), "GODWIT_S3_ENDPOINT", server, "\"lab\"", _lab.Endpoint.AbsoluteUri.TrimEnd('/'));
    }

    [Fact]
    public async Task A_customer_key_of_the_command_line_goes_to_one_server_only()
    {
        string key = _folder.In("key");
        Refused(await _folder.RunAsync("copy", "lab:", "archive:", "--s3-customer-key", key), "--s3-customer-key", "lab:", "archive:");
        Refused(await _folder.RunAsync("copy", "lab:", "s3://bucket/x", "--s3-customer-key", key), "--s3-customer-key");
        _folder.Variables["GODWIT_S3_CUSTOMER_KEY"] = key;
        Refused(await _folder.RunAsync("sync", "lab:", "archive:"), "GODWIT_S3_CUSTOMER_KEY");

        // Within one server it is one key; that it is not sent without TLS is another guard's.
        Assert.DoesNotContain("which are two", (await _folder.RunAsync("copy", "lab:a", "lab:b")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_end_is_asked_where_its_endpoint_says_and_one_end_may_be_asked_elsewhere()
    {
        Assert.Equal(3, (await _folder.RunAsync("copy", "lab:", "archive:")).Code);
        Assert.NotEmpty(_lab.Asked);
        Assert.Empty(_archive.Asked);

        // The same server said twice contradicts nothing, and a single S3 end is what the option is for.
        int asked = _lab.Asked.Count;
        Assert.Equal(3, (await _folder.RunAsync("copy", "lab:", "any:bucket/x", "--s3-endpoint", _lab.Endpoint.AbsoluteUri)).Code);
        Assert.True(_lab.Asked.Count > asked);
        Assert.Equal(3, (await _folder.RunAsync("copy", "lab:", _folder.In("dst"), "--s3-endpoint", _archive.Endpoint.AbsoluteUri)).Code);
        Assert.NotEmpty(_archive.Asked);
    }

    private void Refused(Answer answer, params string[] named)
    {
        Assert.Equal(2, answer.Code);
        Assert.All(named, name => Assert.Contains(name, answer.Error, StringComparison.Ordinal));
        Assert.Empty(_lab.Asked);
        Assert.Empty(_archive.Asked);
    }
}
