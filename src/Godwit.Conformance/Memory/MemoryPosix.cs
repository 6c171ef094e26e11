using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>What file systems have beyond an object store: see <see cref="MemoryStoreOptions.PosixManners"/>.</summary>
internal sealed class MemoryPosix(MemoryStore store) : IDirectories, ILinks, IHardLinks, IRename, IFreeSpace, ISettableTime, IDurability
{
    public async ValueTask CreateAsync(StorePath path, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        store.RefuseWhatCannotBe(path, WriteOptions.Default);
        lock (store.Bucket.Gate)
        {
            store.Bucket.MakeDirectory(store.Absolute(path), store.Now);
        }
    }

    public async ValueTask<StoreEntry> CreateAsync(
        StorePath path, ReadOnlyMemory<byte> target, WriteOptions options, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        store.RefuseWhatCannotBe(path, options);
        lock (store.Bucket.Gate)
        {
            var node = new MemoryNode
            {
                Kind = EntryKind.Link,
                LinkTarget = target.ToArray(),
                Modified = options.Metadata.Modified ?? store.Now,
            };
            store.Bucket.Place(store.Absolute(path), node, options.CreateOnly, directories: true, store.Now);
            return node.ToEntry(path);
        }
    }

    public async ValueTask RenameAsync(StorePath from, StorePath to, bool createOnly, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        store.RefuseWhatCannotBe(to, WriteOptions.Default);
        lock (store.Bucket.Gate)
        {
            MemoryNode node = Present(from);
            if (node.Kind == EntryKind.Directory)
            {
                throw new StoreException(StoreErrorKind.Unsupported, $"\"{from}\" is a directory.") { Path = from };
            }

            store.Bucket.Place(store.Absolute(to), node, createOnly, directories: true, store.Now);
            if (from != to)
            {
                store.Bucket.Remove(store.Absolute(from));
            }
        }
    }

    public bool CanLinkFrom(StoreIdentity source) => source.Space == store.Identity.Space;

    public async ValueTask LinkAsync(StoreIdentity source, StorePath from, StorePath to, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        store.RefuseWhatCannotBe(to, WriteOptions.Default);
        lock (store.Bucket.Gate)
        {
            // What a node holds never changes, so that two names for one node are two names of one file.
            MemoryNode node = (CanLinkFrom(source) ? store.Bucket.Find(source.Absolute(from)) : null)
                ?? throw new StoreException(StoreErrorKind.NotFound, $"There is nothing at \"{from}\".") { Path = from };
            if (node.Kind == EntryKind.Directory)
            {
                throw new StoreException(StoreErrorKind.Unsupported, $"\"{from}\" is a directory.") { Path = from };
            }

            store.Bucket.Place(store.Absolute(to), node, createOnly: true, directories: true, store.Now);
        }
    }

    public async ValueTask<FreeSpace> GetAsync(StorePath directory, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            long free = Math.Max(0, store.Options.CapacityBytes - store.Bucket.UsedBytes);
            return new FreeSpace(free, store.Options.CapacityBytes, null);
        }
    }

    public async ValueTask SetAsync(StorePath path, Timestamp modified, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            store.Bucket.Set(store.Absolute(path), Present(path) with { Modified = modified.Floor(store.Limits.TimePrecision) });
        }
    }

    public async ValueTask SyncUploadsAsync(IReadOnlyList<PartedUpload> uploads, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            foreach (PartedUpload upload in uploads)
            {
                if (!store.Bucket.Uploads.ContainsKey(upload.Id))
                {
                    throw new StoreException(StoreErrorKind.NotFound, $"The upload {upload.Id} is gone.") { Path = upload.Path };
                }
            }
        }
    }

    public async ValueTask SyncPublishedAsync(IReadOnlyList<StorePath> paths, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            foreach (StorePath path in paths)
            {
                Present(path);
            }
        }
    }

    private MemoryNode Present(StorePath path) => store.Bucket.Find(store.Absolute(path))
        ?? throw new StoreException(StoreErrorKind.NotFound, $"There is nothing at \"{path}\".") { Path = path };
}
