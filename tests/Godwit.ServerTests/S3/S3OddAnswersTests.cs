using System.Net;
using System.Text;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>Answers that HTTP allows and that must not be taken for what was asked for. Ceph gives none of these: a listener of the test does.</summary>
public sealed class S3OddAnswersTests : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly S3Store _store;

    public S3OddAnswersTests()
    {
        int port = FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        var options = new S3Options { Bucket = "bucket", Endpoint = new Uri($"http://127.0.0.1:{port}"), Keys = new S3AccessKeys("KEY", "secret") };
        _store = new S3Store(options, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _listener.Close();
    }

    [Theory]
    [InlineData(200, null)]
    [InlineData(206, null)]
    [InlineData(206, "bytes 0-9/100")]
    public async Task Other_bytes_than_the_range_that_was_asked_for_are_not_taken_for_it(int status, string? range)
    {
        Task answering = AnswerAsync(status, "0123456789", range);
        StoreException failure = await Assert.ThrowsAsync<StoreException>(
            async () => await _store.OpenRangeAsync(StorePath.FromText("file"), "etag", 50, 10, default));
        Assert.Equal(StoreErrorKind.Unsupported, failure.Kind);
        Assert.Contains("does not serve ranges", failure.Message, StringComparison.Ordinal);
        await answering;
    }

    [Theory]
    [InlineData("", StoreErrorKind.Interrupted)]
    [InlineData("<IsTruncated>true</IsTruncated>", StoreErrorKind.Unexpected)]
    public async Task A_listing_whose_end_is_not_told_is_an_error_and_not_the_end(string ending, StoreErrorKind kind)
    {
        Task answering = AnswerAsync(200, $"<?xml version=\"1.0\"?><ListBucketResult><Name>bucket</Name>{ending}</ListBucketResult>", null);
        StoreException failure = await Assert.ThrowsAsync<StoreException>(async () => await _store.ListAsync(StorePath.Root, null, default));
        Assert.Equal(kind, failure.Kind);
        await answering;
    }

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task AnswerAsync(int status, string body, string? range)
    {
        HttpListenerContext asked = await _listener.GetContextAsync();
        asked.Response.StatusCode = status;
        asked.Response.Headers["ETag"] = "\"etag\"";
        if (range is not null)
        {
            asked.Response.Headers["Content-Range"] = range;
        }

        await asked.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        asked.Response.Close();
    }
}
