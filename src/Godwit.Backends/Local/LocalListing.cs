using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Reads one directory through one open handle, page by page.</summary>
internal sealed class LocalListing : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>The longest record: a name of 255 bytes.</summary>
    private const int MostRecordBytes = 280;

    // struct linux_dirent64: inode 8, offset 8, record length 2, kind 1, then the name with its NUL.
    private const int RecordLengthAt = 16;
    private const int NameAt = 19;

    private readonly LocalTree _tree;
    private readonly StorePath _path;
    private readonly Descriptor _directory;
    private readonly Lock _gate = new();
    private AncestorDirectories? _ancestors;

    private LocalListing(LocalTree tree, StorePath path, Descriptor directory)
    {
        _tree = tree;
        _path = path;
        _directory = directory;
    }

    /// <summary>Opens a directory and reads its first page.</summary>
    public static StorePage Begin(LocalTree tree, StorePath path, CancellationToken ct)
    {
        using Place place = tree.Find(path, "listed");
        int number = place.Open(Open.ReadOnly | Open.Directory | Open.NonBlocking);
        if (number is -Errno.NotDirectory or -Errno.Loop)
        {
            throw LocalErrors.Of(StoreErrorKind.Unsupported, path, "is not a directory and cannot be listed");
        }

        LocalErrors.Check(number, path.IsRoot ? $"listed at \"/{tree.Root.Absolute}\"" : "listed", path);
        return new LocalListing(tree, path, new Descriptor(number)).FirstPage(ct);
    }

    /// <summary>The page at a position.</summary>
    public static StorePage Continue(ListPosition position, CancellationToken ct) => position is Position own
        ? own.Page(ct)
        : throw new StoreException(StoreErrorKind.InvalidRequest, "The listing position was made by another store.");

    public void Dispose() => _directory.Dispose();

    private StorePage FirstPage(CancellationToken ct)
    {
        // Disposed without a page, the position closes the directory; with one, its successor holds it.
        using var first = new Position(this);
        return first.Page(ct);
    }

    /// <summary>Adds entries until the page is full.</summary>
    /// <returns>Whether the directory has more.</returns>
    [SkipLocalsInit]
    private bool Fill(List<StoreEntry> entries, List<StoreException> unreadable, CancellationToken ct)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        bool held = false;
        try
        {
            _directory.DangerousAddRef(ref held);
            int atOnce = Math.Min(BufferBytes, _tree.PageEntries * MostRecordBytes);
            while (entries.Count < _tree.PageEntries)
            {
                ct.ThrowIfCancellationRequested();
                int bytes = LocalErrors.Check(Posix.GetEntries(_directory, buffer.AsSpan(0, atOnce)), "listed", _path);
                if (bytes == 0)
                {
                    return false;
                }

                Add(buffer.AsSpan(0, bytes), entries, unreadable);
            }

            return true;
        }
        finally
        {
            if (held)
            {
                _directory.DangerousRelease();
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private unsafe void Add(ReadOnlySpan<byte> records, List<StoreEntry> entries, List<StoreException> unreadable)
    {
        int directory = (int)_directory.DangerousGetHandle();
        fixed (byte* start = records)
        {
            int length;
            for (int at = 0; at < records.Length; at += length)
            {
                length = BinaryPrimitives.ReadUInt16LittleEndian(records[(at + RecordLengthAt)..]);
                byte* name = start + at + NameAt;
                ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
                if (bytes is [(byte)'.'] or [(byte)'.', (byte)'.'])
                {
                    continue;
                }

                int error = Posix.StatAt(directory, name, out Statx facts);
                StoreEntry? entry = null;
                StorePath path = _path.Child(bytes);
                if (error == 0)
                {
                    entry = facts.IsLink ? Link(path, bytes, out error) : LocalEntries.From(path, facts);
                }

                if (entry is not null)
                {
                    entries.Add(entry);
                }
                else if (error != -Errno.NoEntry)
                {
                    unreadable.Add(LocalErrors.Translate(error, "looked at", path));
                }
            }
        }
    }

    private StoreEntry? Link(StorePath path, ReadOnlySpan<byte> name, out int error)
    {
        if (_tree.Follows && _tree.TryFind(path, out Place target) == 0)
        {
            using (target)
            {
                bool found = target.Stat(out Statx facts) == 0 && !facts.IsLink;
                _ancestors ??= new AncestorDirectories(_tree, _path);
                if (found && !(facts.IsDirectory && _ancestors.Contains(facts)))
                {
                    error = 0;
                    return LocalEntries.From(path, facts);
                }
            }
        }

        error = LocalEntries.Look(new Place(_directory, new NativeName(name), owned: false), path, out StoreEntry? entry);
        return entry;
    }

    /// <summary>A place in the listing. Its page is read once and kept, so that asking again gives the same one.</summary>
    private sealed class Position(LocalListing listing) : ListPosition
    {
        private readonly List<StoreEntry> _entries = [];
        private readonly List<StoreException> _unreadable = [];
        private StorePage? _page;

        public StorePage Page(CancellationToken ct)
        {
            lock (listing._gate)
            {
                if (_page is not null)
                {
                    return _page;
                }

                // After an error or a cancellation the lists keep what was read, and the next attempt goes on behind it.
                bool more = listing.Fill(_entries, _unreadable, ct);
                _page = new StorePage(_entries, more ? new Position(listing) : null, _unreadable.Count > 0 ? _unreadable : null);
                if (!more)
                {
                    listing.Dispose();
                }

                return _page;
            }
        }

        protected override void Dispose(bool disposing)
        {
            // Once the next position is handed out, that one holds the directory open.
            if (disposing && _page is null)
            {
                listing.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
