using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Tests.Backends.S3;

/// <summary>
/// Servers that put the object first and remove its upload afterwards (Ceph before 18.2.5, SeaweedFS): aborting an upload that was left over takes
/// the bytes of its object away.
/// </summary>
public sealed class S3AbortTests
{
    private const string Md5 = "d41d8cd98f00b204e9800998ecf8427e";

    private static readonly StorePath s_file = StorePath.FromText("file");

    private static readonly StoredPart[] s_parts = [new(1, 0, 7, Md5)];

    private static readonly string s_etag = S3Upload.ETagOf(s_parts)!;

    [Theory]
    [InlineData(null, 0, Md5, 1)]
    [InlineData("another", 7, Md5, 1)]
    [InlineData("made of it", 8, Md5, 1)]
    [InlineData("made of it", 7, Md5, 0)]
    [InlineData("another", 7, "opaque", 0)]
    [InlineData("another", 8, "opaque", 1)]
    public async Task What_may_have_become_the_object_that_stands_there_is_not_aborted(string? stands, int length, string part, int aborts)
    {
        await using S3StandIn server = Server(
            stands is null ? null : stands == "made of it" ? s_etag : stands, length, part, new S3StandIn.Answer(500, ""));
        await using S3Store store = server.Open();
        Assert.Equal(aborts == 1, await store.PartedWrite!.AbortAsync(Upload(WriteOptions.Default), default));
        Assert.Equal(aborts, server.Asked.Count(one => one.StartsWith("DELETE", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(500, "", 0)]
    [InlineData(503, "SlowDown", 0)]
    [InlineData(400, "EntityTooSmall", 1)]
    public async Task An_upload_whose_completion_may_still_be_at_work_is_not_aborted(int status, string code, int aborts)
    {
        await using S3StandIn server = Server(null, 0, Md5, S3StandIn.Error(status, code));
        await using S3Store store = server.Open();
        S3Upload upload = Upload(WriteOptions.Default);
        await Assert.ThrowsAsync<StoreException>(async () => await store.PartedWrite!.CompleteAsync(upload, s_parts, default));
        await store.PartedWrite!.AbortAsync(upload, default);
        Assert.Equal(aborts, server.Asked.Count(one => one.StartsWith("DELETE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_completion_that_took_effect_and_left_its_upload_is_found_when_it_is_repeated()
    {
        string? stands = null;
        await using var server = new S3StandIn(request =>
        {
            S3StandIn.Answer answer = Answer(request.HttpMethod, stands, 7, Md5, new S3StandIn.Answer(500, ""));
            stands = request.HttpMethod == "POST" ? s_etag : stands;
            return answer;
        });
        await using S3Store store = server.Open();
        IStore layered = StoreStack.Build(store, StoreStackOptions.Remote, TimeProvider.System);
        S3Upload upload = Upload(new WriteOptions { CreateOnly = true });
        Assert.Equal(s_etag, (await layered.PartedWrite!.CompleteAsync(upload, s_parts, default)).Version);
        Assert.Single(server.Asked, one => one.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_later_refusal_does_not_tell_that_an_earlier_completion_is_over()
    {
        int asked = 0;
        await using var server = new S3StandIn(request => request.HttpMethod == "POST"
            ? ++asked == 1 ? new S3StandIn.Answer(504, "") : S3StandIn.Error(400, "EntityTooSmall")
            : Answer(request.HttpMethod, null, 7, Md5, new S3StandIn.Answer(500, "")));
        await using S3Store store = server.Open();
        S3Upload upload = Upload(WriteOptions.Default);
        foreach (StoreErrorKind kind in (StoreErrorKind[])[StoreErrorKind.Unavailable, StoreErrorKind.InvalidRequest])
        {
            StoreException failure = await Assert.ThrowsAsync<StoreException>(async () => await store.PartedWrite!.CompleteAsync(upload, s_parts, default));
            Assert.True(kind == failure.Kind || asked > 1, failure.Message);
        }

        Assert.False(await store.PartedWrite!.AbortAsync(upload, default));
        Assert.DoesNotContain(server.Asked, one => one.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("as it follows", false)]
    [InlineData("another", true)]
    public async Task An_object_that_does_not_follow_from_its_parts_is_in_doubt(string etag, bool isInDoubt)
    {
        string told = etag == "another" ? new string('0', 32) + "-1" : s_etag;
        await using S3StandIn server = Server(
            null, 0, Md5, new S3StandIn.Answer(200, $"<?xml version=\"1.0\"?><CompleteMultipartUploadResult><ETag>\"{told}\"</ETag></CompleteMultipartUploadResult>"));
        await using S3Store store = server.Open();
        S3Upload upload = Upload(WriteOptions.Default);
        await store.PartedWrite!.CompleteAsync(upload, s_parts, default);
        Assert.Equal(isInDoubt, upload.AssemblyIsInDoubt);
    }

    [Theory]
    [InlineData(null, true, ChecksumKind.Sha256)]
    [InlineData("https://s3.eu-west-1.amazonaws.com", true, ChecksumKind.Sha256)]
    [InlineData("https://s3.eu-west-1.amazonaws.com", false, ChecksumKind.Md5)]
    [InlineData("https://store.example.org", true, ChecksumKind.Md5)]
    public void Only_where_the_server_is_known_to_look_at_it_a_sha256_is_preferred(string? endpoint, bool isFast, ChecksumKind kind) =>
        Assert.Equal(kind, S3Checksums.KindsOf(endpoint is null ? null : new Uri(endpoint), isFast)[0]);

    [Fact]
    public async Task When_nobody_can_tell_the_outcome_the_first_error_is_told()
    {
        await using var server = new S3StandIn(request => request.HttpMethod switch
        {
            "POST" => new S3StandIn.Answer(500, ""),
            _ => S3StandIn.Error(403, "AccessDenied"),
        });
        await using S3Store store = server.Open();
        S3Upload upload = Upload(WriteOptions.Default);
        StoreException failure = await Assert.ThrowsAsync<StoreException>(async () => await store.PartedWrite!.CompleteAsync(upload, s_parts, default));
        Assert.Equal((StoreErrorKind.Unavailable, false), (failure.Kind, failure.TookNoEffect));
        await store.PartedWrite!.AbortAsync(upload, default);
        Assert.DoesNotContain(server.Asked, one => one.StartsWith("DELETE", StringComparison.Ordinal));
    }

    private static S3Upload Upload(WriteOptions options) => new(s_file, "tag", "id", "file", 7, new Timestamp(1_000), options);

    private static S3StandIn Server(string? stands, int length, string part, S3StandIn.Answer completed) =>
        new(request => Answer(request.HttpMethod, stands, length, part, completed));

    private static S3StandIn.Answer Answer(string method, string? stands, int length, string part, S3StandIn.Answer completed) => method switch
    {
        "POST" => completed,
        "HEAD" when stands is null => new S3StandIn.Answer(404, ""),
        "HEAD" => new S3StandIn.Answer(200, "", ("ETag", $"\"{stands}\""), ("Content-Length", $"{length}")),
        "DELETE" => new S3StandIn.Answer(204, ""),
        _ => new S3StandIn.Answer(
            200,
            "<?xml version=\"1.0\"?><ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber>"
            + $"<ETag>\"{part}\"</ETag><Size>7</Size></Part></ListPartsResult>"),
    };
}
