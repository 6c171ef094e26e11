using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Baseline;

/// <summary>What a baseline did, or would do.</summary>
public sealed record BaselineCounts
{
    /// <summary>Files and links that count as delivered from now on.</summary>
    public long Marked { get; init; }

    /// <summary>Bytes of those.</summary>
    public long Bytes { get; init; }

    /// <summary>Those of which a receipt says that they were delivered: they get no mark.</summary>
    public long DeliveredBefore { get; init; }

    /// <summary>Those at the path whose time lies outside the bounds.</summary>
    public long OutOfBounds { get; init; }

    /// <summary>Those that cannot be told from a later version, or whose time is asked for and not known: they get no mark.</summary>
    public long Unknown { get; init; }
}

/// <summary>Counts what is at the source now as delivered, without sending it: the ledger gets a mark for each file, of just this version. What
/// changes later, or comes later with whatever time, is not meant.</summary>
/// <param name="request">Source, destination and the single file, as a copy has them.</param>
/// <param name="ledger">Gets the marks; null with a dry run where there is none yet.</param>
/// <param name="openScratch">Where a huge directory is sorted.</param>
/// <param name="time">The clock.</param>
public sealed class SetBaseline(TransferRequest request, ILedger? ledger, OpenScratch openScratch, TimeProvider time)
{
    private readonly DeliveredBefore? _delivered = ledger is null ? null : new DeliveredBefore(request, ledger);
    private BaselineCounts _counts = new();

    /// <summary>Does it, or only counts.</summary>
    /// <param name="scope">Which files, by the time when they were changed.</param>
    /// <param name="dryRun">Whether the ledger stays as it is.</param>
    /// <param name="unreadable">Hears of what could not be looked at, and has no mark.</param>
    /// <param name="ct">Cancels; what was marked until then stays marked.</param>
    /// <exception cref="StoreException">The source cannot be listed, or is not there.</exception>
    public async Task<BaselineCounts> RunAsync(BaselineScope scope, bool dryRun, Func<StoreException, Task> unreadable, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(unreadable);
        var now = Timestamp.From(time.GetUtcNow());
        await foreach (ListingChunk chunk in ListAsync(scope, ct).ConfigureAwait(false))
        {
            var marks = new List<FileMark>(chunk.Entries.Count);
            foreach (StoreEntry entry in chunk.Entries.Where(entry => entry.Kind is EntryKind.File or EntryKind.Link && scope.Takes(entry.Path)))
            {
                if (await TakesAsync(entry, scope, ct).ConfigureAwait(false))
                {
                    marks.Add(MarkOf(entry, now));
                    _counts = _counts with { Marked = _counts.Marked + 1, Bytes = _counts.Bytes + entry.Length };
                }
            }

            if (!dryRun && marks.Count > 0)
            {
                await ledger!.RecordMarksAsync(marks, ct).ConfigureAwait(false);
            }

            foreach (StoreException error in chunk.Unreadable)
            {
                await unreadable(error).ConfigureAwait(false);
            }
        }

        return _counts;
    }

    private async IAsyncEnumerable<ListingChunk> ListAsync(
        BaselineScope scope, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        if (request.Single is { } single)
        {
            StoreEntry? entry = await request.Source.StatAsync(single.Source, ct).ConfigureAwait(false);
            yield return new ListingChunk(entry is null ? [] : [entry], []);
            yield break;
        }

        var filter = new EntryFilter(entry => scope.Takes(entry.Path), entry => scope.TakesBelow(entry.Path)) { ByTime = scope.ByTime };
        var options = new TreeListingOptions { OpenScratch = openScratch, Descends = filter.Descends };
        await foreach (ListingChunk chunk in TimedListing.ReadAsync(request.Source, options, filter, ct).ConfigureAwait(false))
        {
            yield return chunk;
        }
    }

    private async ValueTask<bool> TakesAsync(StoreEntry entry, BaselineScope scope, CancellationToken ct)
    {
        if (FileIntent.VersionOf(entry).Length == 0 || (scope.ByTime && entry.Modified is null))
        {
            _counts = _counts with { Unknown = _counts.Unknown + 1 };
            return false;
        }

        if (!scope.Takes(entry.Modified))
        {
            _counts = _counts with { OutOfBounds = _counts.OutOfBounds + 1 };
            return false;
        }

        if (_delivered is not null && await _delivered.HasReceiptAsync(entry, DestinationOf(entry), ct).ConfigureAwait(false))
        {
            _counts = _counts with { DeliveredBefore = _counts.DeliveredBefore + 1 };
            return false;
        }

        return true;
    }

    private StorePath DestinationOf(StoreEntry entry) => request.Single?.Destination ?? entry.Path;

    private FileMark MarkOf(StoreEntry entry, Timestamp now)
    {
        (StoreIdentity from, StoreIdentity to) = (request.Source.Identity, request.Destination.Identity);
        return new FileMark(
            MarkKind.Baseline, from.Space, from.Absolute(entry.Path), to.Space, to.Absolute(DestinationOf(entry)), FileIntent.VersionOf(entry), entry.Length, now);
    }
}
