using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>Lists a bucket: directories are the prefixes of keys, and those that the store keeps of their own.</summary>
internal sealed class MemoryListing(MemoryStore store) : IFlatListing
{
    public async ValueTask<StorePage> ListBelowAsync(StorePath directory, ListPosition? position, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            StorePath absolute = store.Absolute(directory);
            RefuseWhatIsNoDirectory(absolute);
            return Page(absolute, From(position), deep: true, store.Options.PageSize);
        }
    }

    public async ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            StorePath absolute = store.Absolute(directory);
            RefuseWhatIsNoDirectory(absolute);
            return store.Options.SortedListing
                ? Page(absolute, From(position), deep: false, store.Options.PageSize)
                : ShuffledPage(absolute, From(position));
        }
    }

    private void RefuseWhatIsNoDirectory(StorePath absolute)
    {
        if (!store.Options.PosixManners || absolute.IsRoot || absolute == store.RealRoot)
        {
            return;
        }

        MemoryNode node = store.Bucket.Find(absolute)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"There is no directory \"{absolute}\".") { Path = store.Relative(absolute) };
        if (node.Kind != EntryKind.Directory)
        {
            throw new StoreException(StoreErrorKind.Unsupported, $"\"{absolute}\" is not a directory.") { Path = store.Relative(absolute) };
        }
    }

    private StorePage Page(StorePath directory, byte[]? from, bool deep, int size)
    {
        byte[] prefix = MemoryBucket.PrefixOf(directory);
        byte[] next = from ?? [.. prefix, 0];
        var entries = new List<StoreEntry>();
        while (store.Bucket.FirstFrom(next, prefix) is { } key)
        {
            if (entries.Count == size)
            {
                return new StorePage(entries, new MemoryPosition(next));
            }

            int slash = key.AsSpan(prefix.Length).IndexOf((byte)'/');
            byte[] own = deep || slash < 0 ? key : key[..(prefix.Length + slash + 1)];
            entries.Add(Entry(own));

            // Past this key; for a directory that stands for all below it, past the last key that could be below it.
            next = deep || slash < 0 ? [.. own, 0] : [.. own.AsSpan(0, own.Length - 1), (byte)'/' + 1];
        }

        return new StorePage(entries, null);
    }

    private StorePage ShuffledPage(StorePath directory, byte[]? from)
    {
        List<(byte[] Rank, StoreEntry Entry)> rest = Page(directory, null, deep: false, int.MaxValue).Entries
            .Select(entry => (RankOf(entry), entry))
            .Where(ranked => from is null || ranked.Item1.AsSpan().SequenceCompareTo(from) > 0)
            .OrderBy(ranked => Convert.ToHexString(ranked.Item1), StringComparer.Ordinal)
            .Take(store.Options.PageSize + 1)
            .ToList();
        StoreEntry[] entries = [.. rest.Take(store.Options.PageSize).Select(ranked => ranked.Entry)];
        return new StorePage(entries, rest.Count > entries.Length ? new MemoryPosition(rest[entries.Length - 1].Rank) : null);
    }

    private static byte[] RankOf(StoreEntry entry) => SHA256.HashData([.. entry.Path.Bytes, (byte)entry.Kind]);

    private StoreEntry Entry(byte[] key)
    {
        bool isDirectory = key[^1] == '/';
        var absolute = StorePath.FromBytes(isDirectory ? key.AsSpan(0, key.Length - 1) : key);
        StorePath path = store.Relative(absolute);
        MemoryNode? node = store.Bucket.Find(absolute);
        if (node is null || isDirectory != (node.Kind == EntryKind.Directory))
        {
            return new StoreEntry { Path = path, Kind = EntryKind.Directory };
        }

        StoreEntry entry = node.ToEntry(path);
        return store.Options.ListingKnowsModified ? entry : entry with { Modified = null };
    }

    private static byte[]? From(ListPosition? position) => position switch
    {
        null => null,
        MemoryPosition memory => memory.From,
        _ => throw new StoreException(StoreErrorKind.InvalidRequest, "The position was not made by this store."),
    };

    private sealed class MemoryPosition(byte[] from) : ListPosition
    {
        public byte[] From { get; } = from;
    }
}
