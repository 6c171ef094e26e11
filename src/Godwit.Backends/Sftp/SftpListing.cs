using Godwit.Backends.Local;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>
/// Reads one directory through one open handle. A page is long, so that most directories are one page, which can be asked for again on
/// another connection; the later pages of a huge one end with the connection that they began on.
/// </summary>
internal sealed class SftpListing : IDisposable
{
    private const int PageEntries = 20_000;
    private const int AskedAhead = 8;

    /// <summary>OpenSSH's server cuts whole paths here, its looks at such entries fail, and it leaves out what it cannot look at.</summary>
    private const int ServerPathBytes = 4096;

    private readonly SftpTree _tree;
    private readonly StorePath _path;
    private readonly SftpSession _session;
    private readonly byte[] _handle;
    private readonly Task<Reply> _search;
    private readonly OneByOne _reading = new();
    private readonly Queue<Task<Reply>> _asked = new();
    private int _isClosed;

    private SftpListing(SftpTree tree, StorePath path, SftpSession session, byte[] handle)
    {
        (_tree, _path, _session, _handle) = (tree, path, session, handle);

        // What cannot be looked at is left out by OpenSSH, and in a directory that may be read but not searched that is everything.
        byte[] place = [.. tree.Place(path), (byte)'/', (byte)'.'];
        _search = session.SendAsync(new PacketBuilder(PacketType.Stat, place.Length + 32).String(place));
    }

    /// <summary>Opens a directory and reads its first page.</summary>
    public static async ValueTask<StorePage> BeginAsync(SftpTree tree, StorePath path, CancellationToken ct)
    {
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        SftpAttributes? found = await tree.LookAsync(session, path, ct).ConfigureAwait(false);
        if (found?.Kind != EntryKind.Directory)
        {
            throw found is null
                ? SftpErrors.Of(StoreErrorKind.NotFound, path, "could not be listed: nothing is there")
                : SftpErrors.Of(StoreErrorKind.Unsupported, path, "is not a directory and cannot be listed");
        }

        byte[] place = tree.Place(path);
        if (place.Length + 1 + PartialName.MaxBytes >= ServerPathBytes)
        {
            throw SftpErrors.Of(
                StoreErrorKind.Unsupported, path, $"could not be listed: below a path of {place.Length} bytes the server may leave out long names");
        }

        Reply reply = await session.OpenDirectoryAsync(place).ConfigureAwait(false);
        if (reply.Status is not null)
        {
            throw SftpErrors.Translate(reply, "listed", path);
        }

        // Disposed without a page, the position closes the directory; with one, its successor holds it.
        using var first = new Position(new SftpListing(tree, path, session, reply.Handle()));
        return await first.PageAsync(ct).ConfigureAwait(false);
    }

    /// <summary>The page at a position.</summary>
    public static ValueTask<StorePage> ContinueAsync(ListPosition position, CancellationToken ct) => position is Position own
        ? own.PageAsync(ct)
        : throw new StoreException(StoreErrorKind.InvalidRequest, "The listing position was made by another store.");

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _session.Close(_handle);
        }
    }

    /// <summary>Adds entries until the page is full.</summary>
    /// <returns>Whether the directory may have more.</returns>
    private async Task<bool> FillAsync(List<StoreEntry> entries, List<StoreException> unreadable, CancellationToken ct)
    {
        while (entries.Count < PageEntries)
        {
            while (_asked.Count < AskedAhead)
            {
                _asked.Enqueue(_session.SendAsync(new PacketBuilder(PacketType.ReadDirectory).String(_handle)));
            }

            Reply reply = await _asked.Peek().WaitAsync(ct).ConfigureAwait(false);
            _ = _asked.Dequeue();
            if (reply.Status == StatusCode.EndOfFile)
            {
                return false;
            }

            if (reply.Status is not null)
            {
                throw SftpErrors.Translate(reply, "listed", _path);
            }

            await AddAsync(reply, entries, unreadable).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>A directory that vanished meanwhile has no entries to miss, and some servers know no such path.</summary>
    private async Task RequireSearchableAsync(CancellationToken ct)
    {
        Reply reply = await _search.WaitAsync(ct).ConfigureAwait(false);
        if (reply.Status is not null && SftpErrors.Meant(reply) is not (StatusCode.NoSuchFile or StatusCode.NoSuchPath))
        {
            throw SftpErrors.Translate(reply, "searched, so that its listing may lack entries", _path);
        }
    }

    private async Task AddAsync(Reply reply, List<StoreEntry> entries, List<StoreException> unreadable)
    {
        var looks = new List<Task<StoreEntry?>>();
        foreach ((byte[] name, SftpAttributes told) in reply.Names())
        {
            if (name is [(byte)'.'] or [(byte)'.', (byte)'.'])
            {
                continue;
            }

            try
            {
                StorePath path = _path.Child(name);
                if (told is { AreComplete: true, Kind: not EntryKind.Link })
                {
                    entries.Add(SftpEntries.From(path, told));
                }
                else
                {
                    looks.Add(LookAsync(path, told));
                }
            }
            catch (StoreException e)
            {
                unreadable.Add(e);
            }
        }

        foreach (Task<StoreEntry?> look in looks)
        {
            try
            {
                if (await look.ConfigureAwait(false) is { } entry)
                {
                    entries.Add(entry);
                }
            }
            catch (StoreException e) when (!_session.IsLost)
            {
                unreadable.Add(e);
            }
        }
    }

    private async Task<StoreEntry?> LookAsync(StorePath path, SftpAttributes told)
    {
        byte[] place = _tree.Place(path);
        SftpAttributes? found = told.AreComplete ? told : await _session.LookAsync(place, path).ConfigureAwait(false);
        byte[]? target = found?.Kind == EntryKind.Link ? await _session.TargetAsync(place).ConfigureAwait(false) : null;
        return found is { } attributes ? SftpEntries.From(path, attributes, target) : null;
    }

    /// <summary>A place in the listing. Its page is read once and kept, so that asking again gives the same one.</summary>
    private sealed class Position(SftpListing listing) : ListPosition
    {
        private readonly List<StoreEntry> _entries = [];
        private readonly List<StoreException> _unreadable = [];
        private StorePage? _page;

        public async ValueTask<StorePage> PageAsync(CancellationToken ct)
        {
            ct.ThrowIfCancellationRequested();
            return await listing._reading.RunAsync(() => ReadAsync(ct), ct).ConfigureAwait(false);
        }

        private async Task<StorePage> ReadAsync(CancellationToken ct)
        {
            if (_page is null)
            {
                // After a cancellation the lists keep what was read, and the next attempt goes on behind it.
                bool more = await listing.FillAsync(_entries, _unreadable, ct).ConfigureAwait(false);
                await listing.RequireSearchableAsync(ct).ConfigureAwait(false);
                _page = new StorePage(_entries, more ? new Position(listing) : null, _unreadable.Count > 0 ? _unreadable : null);
                if (!more)
                {
                    listing.Dispose();
                }
            }

            return _page;
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
