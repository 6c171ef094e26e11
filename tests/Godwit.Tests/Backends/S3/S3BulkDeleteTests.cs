using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Tests.Backends.S3;

/// <summary>What a server says of some of the objects that it was to delete together.</summary>
public sealed class S3BulkDeleteTests
{
    private static readonly StorePath[] s_paths = [StorePath.FromText("a"), StorePath.FromText("b"), StorePath.FromText("c")];

    [Theory]
    [InlineData("", "")]
    [InlineData("<Error><Key>b</Key><Code>AccessDenied</Code></Error>", "b")]
    [InlineData("<Error><Key>a</Key><Code>AccessDenied</Code></Error><Error><Key>c</Key><Code>InternalError</Code></Error>", "a c")]
    [InlineData("<Error><Key>b</Key><Code>NoSuchKey</Code></Error>", "")]
    [InlineData("<Error><Code>AccessDenied</Code><Message>not you</Message></Error>", "a b c")]
    [InlineData("<Error><Key>strange</Key><Code>AccessDenied</Code></Error>", "a b c")]
    public async Task Only_what_the_server_deleted_counts_as_deleted(string errors, string staying)
    {
        await using var server = new S3StandIn(_ => new S3StandIn.Answer(200, $"<?xml version=\"1.0\"?><DeleteResult>{errors}</DeleteResult>"));
        await using S3Store store = server.Open();
        IReadOnlyList<StoreException> failures = await store.BulkDelete!.DeleteAsync(s_paths, default);
        Assert.Equal(staying, string.Join(' ', failures.Select(failure => failure.Path.ToString()).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task A_call_that_fails_as_a_whole_deletes_nothing()
    {
        await using var server = new S3StandIn(_ => S3StandIn.Error(503, "SlowDown"));
        await using S3Store store = server.Open();
        StoreException failure = await Assert.ThrowsAsync<StoreException>(async () => await store.BulkDelete!.DeleteAsync(s_paths, default));
        Assert.Equal(StoreErrorKind.RateLimited, failure.Kind);
    }
}
