using System.Net;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Tests.Backends.S3;

/// <summary>A server that says the bucket is elsewhere.</summary>
public sealed class S3RegionTests
{
    private const string EmptyListing = "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

    private static readonly StorePath s_file = StorePath.FromText("file");

    public static TheoryData<int, string, string, string?> Elsewhere => new()
    {
        { 301, "PermanentRedirect", "It is elsewhere.", "eu-west-9" },
        { 307, "TemporaryRedirect", "It is elsewhere.", "eu-west-9" },
        { 400, "AuthorizationHeaderMalformed", "The region 'us-east-1' is wrong; expecting 'eu-west-9'", null },
        { 400, "IllegalLocationConstraintException", "It is elsewhere.", "eu-west-9" },
    };

    [Theory]
    [MemberData(nameof(Elsewhere))]
    public async Task The_region_that_the_answer_names_is_signed_for_from_then_on(int status, string code, string says, string? header)
    {
        await using S3StandIn server = ServerIn("eu-west-9", S3StandIn.Error(status, code, says, header is null ? [] : [("x-amz-bucket-region", header)]));
        await using S3Store store = server.Open();
        Func<Task>[] calls =
        [
            async () => await store.ListAsync(StorePath.Root, null, default),
            async () => await store.WriteAsync(s_file, WriteSource.From(new byte[10]), WriteOptions.Default, default),
        ];
        StoreException elsewhere = await Assert.ThrowsAsync<StoreException>(calls[0]);
        Assert.Equal(NextStep.RepeatCall, elsewhere.Next);
        Assert.Contains("it is in eu-west-9", elsewhere.Message, StringComparison.Ordinal);
        await calls[0]();
        await calls[1]();
    }

    [Fact]
    public async Task An_answer_to_looking_tells_the_region_by_its_header_alone()
    {
        await using S3StandIn server = ServerIn("eu-west-9", new S3StandIn.Answer(400, "", ("x-amz-bucket-region", "eu-west-9")));
        await using S3Store store = server.Open();
        Assert.Equal(NextStep.RepeatCall, (await Assert.ThrowsAsync<StoreException>(async () => await store.StatAsync(s_file, default))).Next);
        Assert.Equal(7, (await store.StatAsync(s_file, default))!.Length);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_to_another_host_is_an_error_and_nothing_goes_there(int status)
    {
        await using var other = new S3StandIn(_ => new S3StandIn.Answer(200, EmptyListing, ("ETag", "\"other\"")));
        await using var server = new S3StandIn(request => new S3StandIn.Answer(
            status, "", ("Location", other.Endpoint.AbsoluteUri.TrimEnd('/') + request.RawUrl), ("ETag", "\"etag\"")));
        await using S3Store store = server.Open();
        Func<Task>[] calls =
        [
            async () => await store.StatAsync(s_file, default),
            async () => await store.ListAsync(StorePath.Root, null, default),
            async () => await store.OpenReadAsync(s_file, default),
            async () => await store.WriteAsync(s_file, WriteSource.From(new byte[10]), WriteOptions.Default, default),
            async () => await store.DeleteAsync(s_file, default),
        ];
        foreach (Func<Task> call in calls)
        {
            StoreException failure = await Assert.ThrowsAsync<StoreException>(call);
            Assert.True((failure.Kind, failure.Next) == (StoreErrorKind.InvalidRequest, NextStep.GiveUp), failure.ToString());
        }

        Assert.Empty(other.Asked);
    }

    [Theory]
    [InlineData("evil.example.org/")]
    [InlineData("evil.example.org#")]
    [InlineData("EU")]
    [InlineData("us-east-1")]
    public async Task A_name_that_is_no_other_region_is_not_followed(string told)
    {
        await using var server = new S3StandIn(_ => S3StandIn.Error(301, "PermanentRedirect", "Elsewhere.", ("x-amz-bucket-region", told)));
        await using S3Store store = server.Open();
        StoreException failure = await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync(StorePath.Root, null, default));
        Assert.Equal(NextStep.GiveUp, failure.Next);
    }

    [Fact]
    public async Task A_server_that_goes_on_pointing_elsewhere_is_followed_once()
    {
        int asked = 0;
        await using var server = new S3StandIn(_ => S3StandIn.Error(301, "PermanentRedirect", "Elsewhere.", ("x-amz-bucket-region", $"eu-west-{++asked}")));
        await using S3Store store = server.Open();
        Assert.Equal(NextStep.RepeatCall, (await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync(StorePath.Root, null, default))).Next);
        Assert.Equal(NextStep.GiveUp, (await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync(StorePath.Root, null, default))).Next);
    }

    [Fact]
    public async Task Amazon_s_servers_are_asked_at_the_region_s_own_host()
    {
        await using var connection = new S3Store(new S3Options { Bucket = "bucket", Region = "eu-west-1" }, TimeProvider.System);
        Assert.Equal("eu-west-1", connection.Connection.Client.Config.RegionEndpoint.SystemName);
        Assert.True(new BucketRegion("eu-west-1").Learn("ap-south-2", "eu-west-1"));
    }

    private static S3StandIn ServerIn(string region, S3StandIn.Answer elsewhere) => new(request => Right(request, region)
        ? request.HttpMethod == "GET" ? new S3StandIn.Answer(200, EmptyListing) : new S3StandIn.Answer(200, "", ("ETag", "\"etag\""), ("Content-Length", "7"))
        : elsewhere);

    private static bool Right(HttpListenerRequest request, string region) =>
        request.Headers["Authorization"]!.Contains($"/{region}/s3/aws4_request", StringComparison.Ordinal);
}
