using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>Copies within a bucket, and fetches from any bucket of the same space.</summary>
internal sealed class MemoryCopy(MemoryStore store) : IServerCopy, IThirdPartyCopy
{
    public bool CanCopyFrom(StoreIdentity source) => source.Space == store.Identity.Space;

    public long WorthBytes => store.Options.ThirdPartyBytes;

    public string? Refuses(ThirdPartySource source) => BucketOf(source) is null ? "the other one is not in memory" : null;

    public async ValueTask<StoreEntry> CopyAsync(
        StoreIdentity source, StorePath from, string? version, StorePath to, WriteOptions options, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        if (!CanCopyFrom(source))
        {
            throw new StoreException(StoreErrorKind.Unsupported, $"{store.Identity} copies only within its own bucket.");
        }

        return Copy(source, from, version, to, options);
    }

    public async ValueTask<StoredPart> PullAsync(
        ThirdPartySource source, StorePath from, PartedUpload upload, IProgress<long>? progress, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        MemoryBucket bucket = BucketOf(source)
            ?? throw new StoreException(StoreErrorKind.Unsupported, $"{store.Identity} cannot reach {source.Server}.");
        byte[] content = Content(bucket, source.Root.Join(from), from);
        StoredPart part = await store.Parts.ReplaceAsync(upload, content, ct).ConfigureAwait(false);
        progress?.Report(part.Length);
        return part;
    }

    private static byte[] Content(MemoryBucket bucket, StorePath absolute, StorePath from)
    {
        lock (bucket.Gate)
        {
            return MemoryStore.File(bucket.Find(absolute), from, null).Content;
        }
    }

    private StoreEntry Copy(StoreIdentity source, StorePath from, string? version, StorePath to, WriteOptions options)
    {
        store.RefuseWhatCannotBe(to, options);
        MemoryNode node = Source(source, from, version);
        if (options.Expected is { } expected && MemoryNode.Md5Of(node.Content) != expected)
        {
            throw new StoreException(StoreErrorKind.Integrity, $"\"{from}\" is not {expected}.") { Path = to };
        }

        return store.Place(to, node.Content, options, node.ETag!, node.Md5);
    }

    private MemoryNode Source(StoreIdentity source, StorePath from, string? version)
    {
        MemoryBucket bucket = BucketOf(source)
            ?? throw new StoreException(StoreErrorKind.Unsupported, $"{store.Identity} cannot reach {source}.");
        lock (bucket.Gate)
        {
            MemoryNode? node = bucket.Find(source.Absolute(from));
            return MemoryStore.File(node, from, version);
        }
    }

    private MemoryBucket? BucketOf(StoreIdentity source) =>
        source.Scheme == store.Identity.Scheme ? store.Space.FindByAuthority(source.Authority) : null;

    private MemoryBucket? BucketOf(ThirdPartySource source) =>
        source.Server.Split("://") is [var scheme, var authority] && scheme == store.Identity.Scheme ? store.Space.FindByAuthority(authority) : null;
}
