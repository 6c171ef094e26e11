using System.Collections.Concurrent;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>What a real server's answers are told as.</summary>
public sealed class S3AnswersTests
{
    private static readonly StorePath s_path = StorePath.FromText("a");

    [Fact]
    public async Task Each_request_is_told_once_with_its_status_by_the_server_as_it_is_configured()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        var told = new ConcurrentQueue<HttpAnswer>();
        await using var store = new S3Store(S3Server.Options(bucket.Name) with { Answered = told.Enqueue }, TimeProvider.System);
        await store.WriteAsync(s_path, WriteSource.From(new byte[3]), WriteOptions.Default, default);
        await using (StoreBody body = await store.OpenReadAsync(s_path, default))
        {
            Assert.Equal(3, body.Entry.Length);
        }

        await Assert.ThrowsAsync<StoreException>(async () => await store.OpenReadAsync(StorePath.FromText("missing"), default));
        await store.DeleteAsync(s_path, default);
        Assert.All(told, answer => Assert.Equal(S3Server.Endpoint.Authority, answer.Host));
        Assert.Contains(("PUT", 200), told.Select(answer => (answer.Method, answer.Status)));
        Assert.Contains(("GET", 200), told.Select(answer => (answer.Method, answer.Status)));
        Assert.Contains(("GET", 404), told.Select(answer => (answer.Method, answer.Status)));
        Assert.Contains(("DELETE", 204), told.Select(answer => (answer.Method, answer.Status)));
        Assert.Equal(1, told.Count(answer => answer.Method == "PUT"));
    }

    [Fact]
    public async Task A_wrong_key_is_told_as_the_server_refuses_it()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        var told = new ConcurrentQueue<HttpAnswer>();
        S3Options options = S3Server.Options(bucket.Name) with { Keys = new S3AccessKeys("NOBODY", "wrong"), Answered = told.Enqueue };
        await using var store = new S3Store(options, TimeProvider.System);
        await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync(StorePath.Root, null, default));
        Assert.Equal([403], told.Select(answer => answer.Status));
    }
}
