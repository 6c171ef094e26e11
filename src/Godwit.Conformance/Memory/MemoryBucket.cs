using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>
/// The kept things of one bucket, in key order: a path's bytes, a directory's with a trailing slash. Whoever uses it holds
/// <see cref="Gate"/>, so that several steps are one.
/// </summary>
internal sealed class MemoryBucket
{
    private readonly Dictionary<StorePath, MemoryNode> _nodes = [];
    private readonly SortedSet<byte[]> _keys = new(Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)));
    private long _generation;

    public Lock Gate { get; } = new();

    public Dictionary<string, MemoryUpload> Uploads { get; } = new(StringComparer.Ordinal);

    public long UsedBytes { get; private set; }

    public long NextGeneration() => ++_generation;

    public MemoryNode? Find(StorePath path) => _nodes.GetValueOrDefault(path);

    /// <summary>Whether anything lies below the path.</summary>
    public bool HasBelow(StorePath directory)
    {
        byte[] prefix = PrefixOf(directory);
        return FirstFrom([.. prefix, 0], prefix) is not null;
    }

    public void Set(StorePath path, MemoryNode node)
    {
        Remove(path);
        _nodes[path] = node;
        _keys.Add(KeyOf(path, node));
        UsedBytes += node.Content.Length;
    }

    public void Remove(StorePath path)
    {
        if (_nodes.Remove(path, out MemoryNode? node))
        {
            _keys.Remove(KeyOf(path, node));
            UsedBytes -= node.Content.Length;
        }
    }

    /// <summary>The first key at or after a key that starts with the prefix; null when there is none.</summary>
    public byte[]? FirstFrom(byte[] key, byte[] prefix)
    {
        // A name has no byte above 255 and no more than 4,095 of them: this is past every key with the prefix.
        byte[] end = [.. prefix, .. Enumerable.Repeat((byte)0xff, 4_096)];
        byte[]? found = _keys.GetViewBetween(key, end).Min;
        return found is not null && found.AsSpan().StartsWith(prefix) ? found : null;
    }

    /// <summary>Puts a thing in its place by the rules of a store with or without directories of its own.</summary>
    public void Place(StorePath path, MemoryNode node, bool createOnly, bool directories, Timestamp now)
    {
        MemoryNode? present = Find(path);
        if (present is not null && createOnly)
        {
            throw new StoreException(StoreErrorKind.AlreadyExists, $"\"{path}\" is there already.") { Path = path };
        }

        if (directories)
        {
            if (present?.Kind == EntryKind.Directory)
            {
                throw new StoreException(StoreErrorKind.Unsupported, $"\"{path}\" is a directory.") { Path = path };
            }

            MakeDirectory(path.Parent, now);
        }

        Set(path, node);
    }

    /// <summary>Makes a directory and those missing above it.</summary>
    public void MakeDirectory(StorePath path, Timestamp now)
    {
        if (path.IsRoot || Find(path) is { Kind: EntryKind.Directory })
        {
            return;
        }

        if (Find(path) is not null)
        {
            throw new StoreException(StoreErrorKind.Unsupported, $"\"{path}\" is not a directory.") { Path = path };
        }

        MakeDirectory(path.Parent, now);
        Set(path, new MemoryNode { Kind = EntryKind.Directory, Modified = now, Mode = 0b111_101_101 });
    }

    public static byte[] PrefixOf(StorePath directory) => directory.IsRoot ? [] : [.. directory.Bytes, (byte)'/'];

    private static byte[] KeyOf(StorePath path, MemoryNode node) =>
        node.Kind == EntryKind.Directory ? PrefixOf(path) : path.Bytes.ToArray();
}
