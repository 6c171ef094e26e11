using System.Security.Cryptography;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>Whole flows on buckets that cannot do one thing, or none of them: what a transfer does without is tried on a real server too.</summary>
public sealed class S3WithoutTests : IDisposable
{
    private static readonly string[] s_capabilities =
    [
        nameof(IStore.RangedRead), nameof(IStore.PartedWrite), nameof(IPartedWrite.UploadListing), nameof(IStore.FlatListing),
        nameof(IStore.BulkDelete), nameof(IStore.ServerCopy), nameof(IStore.StoredChecksum), nameof(IStore.ArrivalChecksum),
    ];

    private readonly S3CommandLine _cli = new();

    public static TheoryData<string> Without() => [.. s_capabilities, "all"];

    public void Dispose() => _cli.Dispose();

    [Theory]
    [MemberData(nameof(Without))]
    public async Task A_tree_goes_up_across_and_down_the_same(string capability)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        string[] withheld = capability == "all" ? s_capabilities : [capability];
        _cli.DressStore = (store, _) => store.Identity.Scheme == "file" ? store : store.Without(withheld);
        var old = new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);
        _cli.Put("src/empty", [], old);
        _cli.Put("src/d/small", "small"u8.ToArray(), old.AddTicks(1));
        _cli.Put("src/d/e/large", RandomNumberGenerator.GetBytes((11 << 20) + 1), old.AddTicks(2));
        (string up, string across) = ($"s3://{bucket.Name}/up", $"s3://{bucket.Name}/across");
        await CopyAsync(_cli.In("src"), up);
        await CopyAsync(up, across);
        await CopyAsync(up, $"s3://{bucket.Name}/by-size", "--verify", "size");
        await CopyAsync(across, _cli.In("back"));
        foreach (string file in (string[])["empty", "d/small", "d/e/large"])
        {
            Assert.Equal(File.ReadAllBytes(_cli.In($"src/{file}")), File.ReadAllBytes(_cli.In($"back/{file}")));
            Assert.Equal(File.GetLastWriteTimeUtc(_cli.In($"src/{file}")), File.GetLastWriteTimeUtc(_cli.In($"back/{file}")));
        }

        await _cli.RunAsync(0, "check", _cli.In("src"), $"s3://{bucket.Name}/by-size", "--download", "--quiet");
        await _cli.RunAsync(0, "cleanup", up, "--abort");
        await _cli.RunAsync(0, "rm", "-r", across);
        Assert.Equal(6, (await bucket.KeysAsync()).Count);
        Assert.Empty(await bucket.UploadsAsync());
    }

    private async Task CopyAsync(string from, string to, params string[] options)
    {
        await _cli.RunAsync(0, ["copy", from, to, "--quiet", "--part-size", "5MiB", .. options]);
        await _cli.RunAsync(9, ["copy", from, to, "--quiet", "--error-on-no-transfer", .. options]);
    }
}
