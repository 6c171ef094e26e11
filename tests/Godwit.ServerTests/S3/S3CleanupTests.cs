using Amazon.S3.Model;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary><c>godwit cleanup</c> on a bucket that others use too.</summary>
public sealed class S3CleanupTests : IDisposable
{
    private readonly S3CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task What_a_stopped_copy_left_is_removed_and_another_programs_upload_of_the_same_key_is_not()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        string url = $"s3://{bucket.Name}/archive";
        await StopHalfwayAsync(url);
        string foreign = await BeginForeignAsync(bucket, "archive/large");
        string odd = await BeginForeignAsync(bucket, "archive/a//b");
        (string listed, _) = await _cli.RunAsync(0, "cleanup", url);
        Assert.Matches(@"(?m)^stale +20\S+Z +2 parts, 10(\.0)? ?MiB +large$", listed);
        Assert.Matches(@"(?m)^not-ours +20\S+Z +large$", listed);
        Assert.Contains("(a name that can be no path)", listed, StringComparison.Ordinal);
        Assert.Equal(3, (await bucket.UploadsAsync()).Count);

        (string young, _) = await _cli.RunAsync(0, "cleanup", url, "--abort", "--older-than", "1h");
        Assert.Contains("1 stale and younger", young, StringComparison.Ordinal);
        (string removed, _) = await _cli.RunAsync(0, "cleanup", url, "--abort");
        Assert.Contains("1 removed (10", removed, StringComparison.Ordinal);
        Assert.Contains("2 not ours", removed, StringComparison.Ordinal);
        Assert.Equal(new[] { foreign, odd }.Order(), (await bucket.UploadsAsync()).Select(upload => upload.UploadId).Order());
        await _cli.RunAsync(0, "copy", _cli.In("src"), url, "--quiet");
        await _cli.RunAsync(3, "cleanup", "s3://godwit-no-such-bucket");
    }

    [Fact]
    public async Task Pages_of_uploads_are_listed_to_their_end()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        var begun = new List<string>();
        for (int i = 0; i < 7; i++)
        {
            begun.Add(await BeginForeignAsync(bucket, "same"));
            begun.Add(await BeginForeignAsync(bucket, $"d/{i}"));
        }

        await using Backends.S3.S3Store store = bucket.Open(options => options with { PageSize = 3 });
        var listed = new List<string>();
        ListPosition? position = null;
        do
        {
            UploadPage page = await store.PartedWrite!.UploadListing!.ListAsync(StorePath.Root, position, default);
            Assert.InRange(page.Uploads.Count, 1, 3);
            listed.AddRange(page.Uploads.Select(upload => upload.Id));
            position = page.Next;
        }
        while (position is not null);
        Assert.Equal(begun.Order(), listed.Order());
    }

    private static async Task<string> BeginForeignAsync(S3Bucket bucket, string key) =>
        (await bucket.Client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = bucket.Name, Key = key })).UploadId;

    /// <summary>A copy whose third part cannot be written, for a reason that may pass: what it wrote stays for the next run.</summary>
    private async Task StopHalfwayAsync(string url)
    {
        _cli.Put("src/large", new byte[12 << 20]);
        int parts = 0;
        _cli.DressStore = (store, side) => side == StoreSide.Source ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.WritePart && moment == CallMoment.Before && Interlocked.Increment(ref parts) > 2
                ? throw new StoreException(StoreErrorKind.Integrity, "broken by the test") { Path = call.Path, Next = NextStep.RepeatCall, RetriesSpent = 1 }
                : ValueTask.CompletedTask));
        await _cli.RunAsync(5, "copy", _cli.In("src"), url, "--part-size", "5MiB", "--parts", "1", "--quiet");
        _cli.DressStore = (store, _) => store;
    }
}
