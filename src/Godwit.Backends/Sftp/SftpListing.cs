using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>
/// Reads one directory through one open handle. A page is long, so that most directories are one page. Where the connection is lost in a
/// later one, the directory is opened again, and what was told is read over: it has to be the same names in the same order.
/// </summary>
internal sealed class SftpListing : IDisposable
{
    private const int PageEntries = 20_000;
    private const int AskedAhead = 8;

    private readonly SftpTree _tree;
    private readonly StorePath _path;
    private readonly OneByOne _reading = new();
    private readonly Queue<Task<Reply>> _asked = new();
    private readonly NamesInTurn _told = new();
    private SftpSession _session;
    private byte[] _handle;
    private StorePath _real;
    private Task<Reply> _search;
    private NamesInTurn? _again;
    private int _isClosed;

    private SftpListing(SftpTree tree, StorePath path, SftpSession session, (byte[] Handle, StorePath Real) opened)
    {
        (_tree, _path, _session, _handle, _real) = (tree, path, session, opened.Handle, opened.Real);
        _search = AskWhetherSearchable();
    }

    /// <summary>Opens a directory and reads its first page.</summary>
    public static async ValueTask<StorePage> BeginAsync(SftpTree tree, StorePath path, CancellationToken ct)
    {
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        (byte[] Handle, StorePath Real) opened = await tree.OpenDirectoryAsync(session, path, ct).ConfigureAwait(false);

        // Disposed without a page, the position closes the directory; with one, its successor holds it.
        using var first = new Position(new SftpListing(tree, path, session, opened));
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
            _told.Dispose();
            _again?.Dispose();
        }
    }

    /// <summary>What cannot be looked at is left out by OpenSSH, and in a directory that may be read but not searched that is everything.</summary>
    private Task<Reply> AskWhetherSearchable()
    {
        byte[] place = [.. _tree.Place(_real), (byte)'/', (byte)'.'];
        return _session.SendAsync(new PacketBuilder(PacketType.Stat, place.Length + 32).String(place));
    }

    /// <summary>Opens the directory on another connection where this one is lost.</summary>
    private async Task KeepOpenAsync(CancellationToken ct)
    {
        if (_session.IsLost)
        {
            SftpSession session = await _tree.SessionAsync(ct).ConfigureAwait(false);
            (_handle, _real) = await _tree.OpenDirectoryAsync(session, _path, ct).ConfigureAwait(false);
            _session = session;
            _search = AskWhetherSearchable();
            _asked.Clear();
            _again?.Dispose();
            _again = _told.Count > 0 ? new NamesInTurn() : null;
        }
    }

    /// <summary>The names of an answer that were not told yet.</summary>
    private List<(byte[] Name, SftpAttributes Told)> Fresh(Reply reply)
    {
        var fresh = new List<(byte[] Name, SftpAttributes Told)>();
        foreach ((byte[] name, SftpAttributes told) in reply.Names())
        {
            if (name is [(byte)'.'] or [(byte)'.', (byte)'.'])
            {
                continue;
            }

            if (_again is null)
            {
                fresh.Add((name, told));
                continue;
            }

            _again.Add(name);
            EndAgain();
        }

        return fresh;
    }

    /// <summary>Goes on where all that was told was read over.</summary>
    private void EndAgain()
    {
        if (_again?.Count == _told.Count)
        {
            using NamesInTurn again = _again;
            _again = again.IsSame(_told) ? null : throw Changed();
        }
    }

    private StoreException Changed() =>
        new(StoreErrorKind.Interrupted, $"\"{_path}\" changed after the connection broke off in the middle of its listing, which has to begin anew.")
        {
            Path = _path,
            Next = NextStep.RestartFile,
        };

    /// <summary>Adds entries until the page is full.</summary>
    /// <returns>Whether the directory may have more.</returns>
    private async Task<bool> FillAsync(List<StoreEntry> entries, List<StoreException> unreadable, CancellationToken ct)
    {
        await KeepOpenAsync(ct).ConfigureAwait(false);
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
                return _again is not null ? throw Changed() : false;
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

    /// <summary>Adds the entries of an answer: all, or none where the connection is lost meanwhile.</summary>
    private async Task AddAsync(Reply reply, List<StoreEntry> entries, List<StoreException> unreadable)
    {
        List<(byte[] Name, SftpAttributes Told)> fresh = Fresh(reply);
        Task<StoreEntry?>[] looks = [.. fresh.Select(one => LookAsync(one.Name, one.Told))];
        var found = new List<StoreEntry>(looks.Length);
        var faults = new List<StoreException>();
        foreach (Task<StoreEntry?> look in looks)
        {
            try
            {
                if (await look.ConfigureAwait(false) is { } entry)
                {
                    found.Add(entry);
                }
            }
            catch (StoreException e) when (!_session.IsLost)
            {
                faults.Add(e);
            }
        }

        fresh.ForEach(one => _told.Add(one.Name));
        entries.AddRange(found);
        unreadable.AddRange(faults);
    }

    private async Task<StoreEntry?> LookAsync(byte[] name, SftpAttributes told)
    {
        StorePath path = _path.Child(name);
        byte[] place = _tree.Place(_real.Child(name));
        SftpAttributes? found = told.AreComplete ? told : await _session.LookAsync(place, path).ConfigureAwait(false);
        if (found is not { Kind: EntryKind.Link } link)
        {
            return found is { } attributes ? SftpEntries.From(path, attributes) : null;
        }

        return _tree.Follows && await SftpFollowing.TryEnterAsync(_tree, _session, path).ConfigureAwait(false) is { } target
            ? SftpEntries.From(path, target)
            : SftpEntries.From(path, link, await _session.TargetAsync(place).ConfigureAwait(false));
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
