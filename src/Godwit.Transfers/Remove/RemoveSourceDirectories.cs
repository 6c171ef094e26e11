using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Remove;

/// <summary>
/// Deletes the directories of the source that a move emptied, and those that were empty and that the destination has: the deepest first, never the
/// root, and never one in which anything is. With a filter only those that files were taken out of.
/// </summary>
internal sealed class RemoveSourceDirectories(TransferRun run, ILedger? ledger, ITransferObserver observer, OpenScratch openScratch, TimeProvider time)
    : IDisposable
{
    private const int InMemory = 100_000;

    private readonly ExternalSort<StoreEntry> _found = new((a, b) => ListingOrder.Compare(b, a), EntryCodec.Instance, openScratch, InMemory);
    private readonly Stack<OpenDirectory> _open = new();
    private readonly Timestamp _now = Timestamp.From(time.GetUtcNow());

    private TransferRequest Request => run.Request;

    /// <summary>Takes a line of the plan. In key order what lies in a directory follows it at once.</summary>
    public void See(PlanItem item)
    {
        if (Request.Saved is not null && item.Decision == PlanDecision.Emptied)
        {
            _found.Add(item.Source);
        }

        // A saved plan names what goes, and has no line for much of what makes a directory stay.
        if (Request.Saved is not null || item.Decision == PlanDecision.Extra || item.Source.Path.IsRoot)
        {
            return;
        }

        StoreEntry entry = item.Source;
        CloseBut(entry.Path);
        Open(entry.Path.Parent);
        if (entry.Kind == EntryKind.Directory)
        {
            bool stays = item.Decision is PlanDecision.SkippedDirectory or PlanDecision.Impossible or PlanDecision.Filtered || IsFresh(entry);
            _open.Push(new OpenDirectory(entry.Path) { Stays = stays });
        }
        else if (Goes(item))
        {
            _open.TryPeek(out OpenDirectory? within);
            within?.Took = true;
        }
        else if (_open.TryPeek(out OpenDirectory? within))
        {
            within.Stays = true;
        }
    }

    /// <summary>What a dry run says would go.</summary>
    public IEnumerable<PlanItem> Planned() =>
        Found().Select(path => new PlanItem(
            PlanDecision.Emptied, "empty then", new StoreEntry { Path = path, Kind = EntryKind.Directory }, path, null));

    /// <summary>Deletes them, unless the run was stopped or something could not be listed: a later one deletes them then.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        foreach (StorePath path in Found())
        {
            ct.ThrowIfCancellationRequested();
            if (run.Stopped != StopReason.None || run.Tally.ListingIncomplete)
            {
                return;
            }

            try
            {
                await DeleteAsync(path, ct).ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Unsupported)
            {
                // Something is in it: left there by this run, or written since.
            }
            catch (StoreException e)
            {
                await run.ReportUnplannedAsync(path, FileFailure.From(e, StoreSide.Source), ledger, ct).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _found.Dispose();

    private async ValueTask DeleteAsync(StorePath path, CancellationToken ct)
    {
        bool isThere = await Request.Source.StatAsync(path, ct).ConfigureAwait(false) is { Kind: EntryKind.Directory };
        if (isThere && await Request.Destination.StatAsync(path, ct).ConfigureAwait(false) is { Kind: EntryKind.Directory })
        {
            await Request.Source.DeleteAsync(path, ct).ConfigureAwait(false);
            observer.On(new SourceDeleted(path, 0) { Kind = EntryKind.Directory });
        }
    }

    /// <summary>Paths that a store keeps under other names are listed last: a directory that holds such too is met twice.</summary>
    private IEnumerable<StorePath> Found()
    {
        CloseBut(StorePath.Root);
        StorePath? last = null;
        foreach (StoreEntry entry in _found.InOrder())
        {
            if (entry.Path != last)
            {
                yield return entry.Path;
            }

            last = entry.Path;
        }
    }

    private void Open(StorePath directory)
    {
        if (!directory.IsRoot && (!_open.TryPeek(out OpenDirectory? top) || top.Path != directory))
        {
            // Towards a store that keeps no directories they are no lines of the plan: what is in them tells of them.
            Open(directory.Parent);
            _open.Push(new OpenDirectory(directory));
        }
    }

    private void CloseBut(StorePath path)
    {
        while (_open.TryPeek(out OpenDirectory? top) && (path.IsRoot || !path.IsBelow(top.Path)))
        {
            _open.Pop();
            _open.TryPeek(out OpenDirectory? above);
            if (top.Stays || (!top.Took && Request.Filter != EntryFilter.All))
            {
                above?.Stays |= top.Stays;
                continue;
            }

            above?.Took = true;
            _found.Add(new StoreEntry { Path = top.Path, Kind = EntryKind.Directory });
        }
    }

    private static bool IsMoved(PlanItem item) => item.Decision is PlanDecision.Move or PlanDecision.Compare or PlanDecision.MakeLink;

    private bool Goes(PlanItem item) => IsMoved(item)
        || (item.Decision == PlanDecision.Unchanged && Request.Policy is { NoOverwrite: false, Compare: not CompareBy.Exists });

    private bool IsFresh(StoreEntry directory) => directory.Modified is { } changed
        && _now.Nanoseconds - changed.Nanoseconds < (long)(Request.Policy.StableFor.TotalSeconds * 1e9);

    private sealed class OpenDirectory(StorePath path)
    {
        public StorePath Path { get; } = path;

        public bool Took { get; set; }

        public bool Stays { get; set; }
    }
}
