using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Tests.Backends.S3;

/// <summary>A completion whose answer is lost, or says less than it should.</summary>
public sealed class S3PublishTests
{
    private const string Md5 = "d41d8cd98f00b204e9800998ecf8427e";

    private static readonly StoredPart[] s_parts = [new(1, 0, 7, Md5)];

    private static readonly string s_etag = S3Upload.ETagOf(s_parts)!;

    private static readonly S3StandIn.Answer s_lost = new(500, "");

    private static readonly S3StandIn.Answer s_noETag = new(
        200, "<?xml version=\"1.0\"?><CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>file</Key></CompleteMultipartUploadResult>");

    [Fact]
    public async Task What_stands_there_and_has_the_ETag_of_the_parts_is_ours_once_the_upload_is_gone()
    {
        Assert.Equal(s_etag, (await CompleteAsync(s_lost, uploadIsThere: false, s_etag)).Version);
        Assert.Equal(s_etag, (await CompleteAsync(s_noETag, uploadIsThere: false, s_etag)).Version);
    }

    [Fact]
    public async Task While_the_upload_is_there_the_same_bytes_stood_there_before_and_nothing_was_published()
    {
        StoreException failure = await Assert.ThrowsAsync<StoreException>(() => CompleteAsync(s_lost, uploadIsThere: true, s_etag));
        Assert.Equal((StoreErrorKind.Unavailable, true), (failure.Kind, failure.TookNoEffect));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_writer_s_object_of_the_same_length_is_not_ours(bool lost)
    {
        StoreException failure = await Assert.ThrowsAsync<StoreException>(
            () => CompleteAsync(lost ? s_lost : s_noETag, uploadIsThere: false, "0123456789abcdef0123456789abcdef"));
        Assert.Equal((StoreErrorKind.NotFound, NextStep.RestartFile, false), (failure.Kind, failure.Next, failure.TookNoEffect));
        Assert.Contains("not known to be made of it", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_told_from_another_s_is_left_to_whoever_reads_it()
    {
        StoreException failure = await Assert.ThrowsAsync<StoreException>(
            () => CompleteAsync(s_noETag, uploadIsThere: false, "opaque", [new StoredPart(1, 0, 7, "opaque")]));
        Assert.Equal(StoreErrorKind.NotFound, failure.Kind);
    }

    [Fact]
    public async Task An_upload_that_was_taken_up_again_without_a_time_is_what_stands_there_only_with_the_ETag_of_the_answer()
    {
        var answer = new S3StandIn.Answer(200, s_noETag.Body.Replace("<Key>", $"<ETag>\"{s_etag}\"</ETag><Key>", StringComparison.Ordinal));
        Assert.Equal(s_etag, (await CompleteAsync(answer, uploadIsThere: false, s_etag, modified: null)).Version);
        await Assert.ThrowsAsync<StoreException>(() => CompleteAsync(answer, uploadIsThere: false, "another", modified: null));
    }

    private static async Task<StoreEntry> CompleteAsync(
        S3StandIn.Answer completed, bool uploadIsThere, string stands, StoredPart[]? parts = null, long? modified = 1_000)
    {
        await using var server = new S3StandIn(request => request.HttpMethod switch
        {
            "POST" => completed,
            "HEAD" => new S3StandIn.Answer(200, "", ("ETag", $"\"{stands}\""), ("Content-Length", "7")),
            _ => uploadIsThere
                ? new S3StandIn.Answer(200, "<?xml version=\"1.0\"?><ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>")
                : S3StandIn.Error(404, "NoSuchUpload"),
        });
        await using S3Store store = server.Open();
        Timestamp? time = modified is { } moment ? new Timestamp(moment) : null;
        var upload = new S3Upload(StorePath.FromText("file"), "tag", "id", "file", 7, time, WriteOptions.Default);
        return await store.PartedWrite!.CompleteAsync(upload, parts ?? s_parts, default);
    }
}
