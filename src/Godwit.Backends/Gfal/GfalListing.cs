using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Reads one directory on a lane of its own. Where that is lost, the directory is opened on another one, and what was told is read over: it
/// has to be the same names in the same order.</summary>
internal sealed class GfalListing : IDisposable
{
    private const int PageEntries = 10_000;
    private const int OneAnswer = 1000;

    private readonly GfalTree _tree;
    private readonly StorePath _path;
    private readonly OneByOne _reading = new();
    private readonly NamesInTurn _told = new();
    private GfalLane? _lane;
    private bool _hasMore = true;
    private int _isClosed;

    private GfalListing(GfalTree tree, StorePath path) => (_tree, _path) = (tree, path);

    /// <summary>Opens a directory and reads its first page.</summary>
    public static async ValueTask<StorePage> BeginAsync(GfalTree tree, StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();

        // Disposed without a page, the position closes the directory; with one, its successor holds it.
        using var first = new Position(new GfalListing(tree, path));
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
            Leave(isIdle: true);
            _told.Dispose();
        }
    }

    private void Leave(bool isIdle)
    {
        if (_lane is { } lane)
        {
            _lane = null;
            if (isIdle)
            {
                _ = lane.Send(new Frame(Verb.Close, 0));
            }
            else
            {
                lane.Spoil();
            }

            _ = lane.ReturnAsync();
        }
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        // XRootD lists a file as a directory of one entry.
        Facts facts = await _tree.LookAsync(_path, ct).ConfigureAwait(false)
            ?? throw GfalErrors.Of(StoreErrorKind.NotFound, _path, $"could not be listed on {_tree.Server}: nothing is there");
        if (GfalEntries.KindOf(facts) != EntryKind.Directory)
        {
            throw GfalErrors.Of(StoreErrorKind.Unsupported, _path, "could not be listed: it is not a directory");
        }

        _lane = await _tree.Workers.RentAsync(ct).ConfigureAwait(false);
        _ = await AskAsync(new Frame(Verb.OpenDirectory).Bytes(_tree.Url(_path)), ct).ConfigureAwait(false);
        await ReadOverAsync(ct).ConfigureAwait(false);
    }

    private async Task ReadOverAsync(CancellationToken ct)
    {
        using var again = new NamesInTurn();
        while (again.Count < _told.Count)
        {
            int most = (int)Math.Min(OneAnswer, _told.Count - again.Count);
            (List<(byte[] Name, Facts Facts)> entries, bool more) = await AskEntriesAsync(most, ct).ConfigureAwait(false);
            entries.ForEach(entry => again.Add(entry.Name));
            if (!more && again.Count < _told.Count)
            {
                throw Changed();
            }
        }

        if (!again.IsSame(_told))
        {
            throw Changed();
        }
    }

    private StoreException Changed() =>
        new(StoreErrorKind.Interrupted, $"\"{_path}\" changed after the connection broke off in the middle of its listing, which has to begin anew.")
        {
            Path = _path,
            Next = NextStep.RestartFile,
        };

    /// <summary>Adds entries until the page is full or the directory ends.</summary>
    private async Task FillAsync(List<StoreEntry> entries, CancellationToken ct)
    {
        try
        {
            if (_lane is null)
            {
                await OpenAsync(ct).ConfigureAwait(false);
            }

            while (_hasMore && entries.Count < PageEntries)
            {
                (List<(byte[] Name, Facts Facts)> found, bool more) = await AskEntriesAsync(OneAnswer, ct).ConfigureAwait(false);
                found.ForEach(entry => _told.Add(entry.Name));
                entries.AddRange(found.Select(entry => GfalEntries.From(_path.Child(entry.Name), entry.Facts)));
                _hasMore = more;
            }
        }
        catch
        {
            Leave(isIdle: false);
            throw;
        }
    }

    private async Task<(List<(byte[] Name, Facts Facts)> Entries, bool More)> AskEntriesAsync(int most, CancellationToken ct)
    {
        GfalReply reply = await AskAsync(new Frame(Verb.ReadDirectory).Int32(most), ct).ConfigureAwait(false);
        Fields fields = reply.Fields;
        bool more = fields.Int32() != 0;
        var entries = new List<(byte[] Name, Facts Facts)>(fields.Int32());
        while (!fields.AreRead)
        {
            entries.Add((fields.Bytes().ToArray(), fields.Facts()));
        }

        return (entries, more);
    }

    private async Task<GfalReply> AskAsync(Frame request, CancellationToken ct)
    {
        GfalReply reply = await _lane!.AskAsync(request, ct).ConfigureAwait(false);
        return reply.Fault is { } fault ? throw _tree.Error(fault, "listed", _path) : reply;
    }

    /// <summary>A place in the listing. Its page is read once and kept, so that asking again gives the same one.</summary>
    private sealed class Position(GfalListing listing) : ListPosition
    {
        private readonly List<StoreEntry> _entries = [];
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
                await listing.FillAsync(_entries, ct).ConfigureAwait(false);
                _page = new StorePage(_entries, listing._hasMore ? new Position(listing) : null);
                if (!listing._hasMore)
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
