using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>Buckets and options that not everybody has.</summary>
public sealed class S3ReachTests
{
    [Fact]
    public async Task Of_a_bucket_that_keeps_versions_the_present_is_seen()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = bucket.Name,
            VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
        });
        var path = StorePath.FromText("file");
        StoreEntry first = await bucket.Store.WriteAsync(path, WriteSource.From("first"u8.ToArray()), WriteOptions.Default, default);
        await bucket.Store.WriteAsync(path, WriteSource.From("second one"u8.ToArray()), WriteOptions.Default, default);
        Assert.Equal("second one"u8.ToArray(), await S3Bucket.ReadAsync(bucket.Store, "file"));
        Assert.Equal(10, Assert.Single((await bucket.Store.ListAsync(StorePath.Root, null, default)).Entries).Length);
        StoreException changed = await Assert.ThrowsAsync<StoreException>(
            async () => await bucket.Store.RangedRead!.OpenRangeAsync(path, first.Version, 0, 5, default));
        Assert.Equal(StoreErrorKind.PreconditionFailed, changed.Kind);
        await bucket.Store.ServerCopy!.CopyAsync(bucket.Store.Identity, path, null, StorePath.FromText("copy"), WriteOptions.Default, default);
        await bucket.Store.DeleteAsync(path, default);
        Assert.Null(await bucket.Store.StatAsync(path, default));
        Assert.Equal("copy", Assert.Single((await bucket.Store.ListAsync(StorePath.Root, null, default)).Entries).Path.ToString());

        // What is past stays until somebody deletes it by version.
        ListVersionsResponse all = await bucket.Client.ListVersionsAsync(bucket.Name);
        Assert.Equal(4, all.Versions.Count);
        foreach (S3ObjectVersion one in all.Versions)
        {
            await bucket.Client.DeleteObjectAsync(bucket.Name, one.Key, one.VersionId);
        }
    }

    [Fact]
    public async Task What_the_server_encrypts_with_our_key_goes_by_parts_and_is_not_copied_by_this_server()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        S3Options options = S3Server.TlsOptions(bucket.Name) with { CustomerKey = RandomNumberGenerator.GetBytes(32) };
        await using var store = new S3Store(options, TimeProvider.System);
        byte[] content = RandomNumberGenerator.GetBytes((5 << 20) + 100);
        var path = StorePath.FromText("large");
        IPartedWrite parts = store.PartedWrite!;
        PartedUpload upload = await parts.BeginAsync(path, "tag", content.Length, WriteOptions.Default, default);
        StoredPart one = await parts.WritePartAsync(upload, 1, 0, WriteSource.From(content.AsMemory(0, 5 << 20)), null, default);
        StoredPart two = await parts.WritePartAsync(upload, 2, 5 << 20, WriteSource.From(content.AsMemory(5 << 20)), null, default);
        Assert.Null(one.Stored);
        StoreEntry published = await parts.CompleteAsync(upload, [one, two], default);
        Assert.Equal(content.Length, published.Length);
        Assert.Equal(content, await S3Bucket.ReadAsync(store, "large"));
        await Assert.ThrowsAsync<StoreException>(() => S3Bucket.ReadAsync(bucket.Store, "large"));

        // Ceph copies no such object; told so, a transfer sends the bytes itself.
        StoreException refused = await Assert.ThrowsAsync<StoreException>(async () => await store.ServerCopy!.CopyAsync(
            store.Identity, path, published.Version, StorePath.FromText("copy"), WriteOptions.Default, default));
        Assert.Equal(StoreErrorKind.Unsupported, refused.Kind);
    }
}
