using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Remove;

/// <summary>
/// Deletes what only the destination has, as the last step of a sync: after everything arrived, never after a listing with gaps or a failure, and
/// never more than the policy allows. All or nothing is decided before the first file goes.
/// </summary>
internal sealed class RemoveExtras(TransferRun run, RemovalPolicy policy, ILedger ledger, ITransferObserver observer, OpenScratch openScratch)
    : IDisposable
{
    private const int InMemory = 100_000;
    private const int Together = 256;

    // Backwards: what lies in a directory comes before the directory.
    private readonly ExternalSort<StoreEntry> _extras = new((a, b) => ListingOrder.Compare(b, a), EntryCodec.Instance, openScratch, InMemory);
    private readonly HashSet<StorePath> _links = [];
    private long _extraFiles;
    private long _presentFiles;
    private long _sourceFiles;

    private TransferRequest Request => run.Request;

    /// <summary>Takes a line of the plan.</summary>
    public void See(PlanItem item)
    {
        if (item.Decision != PlanDecision.Extra)
        {
            if (item.Source.Kind == EntryKind.Link)
            {
                _links.Add(item.Source.Path);
            }

            _sourceFiles += item.Source.Kind == EntryKind.Directory ? 0 : 1;
            _presentFiles += item.Existing is { Kind: not EntryKind.Directory } ? 1 : 0;
            return;
        }

        bool isDirectory = item.Source.Kind == EntryKind.Directory;
        _presentFiles += isDirectory ? 0 : 1;
        if (IsChosen(item))
        {
            _extraFiles += isDirectory ? 0 : 1;
            _extras.Add(item.Source);
        }
    }

    /// <summary>Whether a line of the plan is something that a sync deletes. What a filter leaves out is left alone on both sides, and so is what
    /// lies where the source has a link: it came from behind the link.</summary>
    public bool IsChosen(PlanItem item) => item.Decision == PlanDecision.Extra && !LiesBehindLink(item.Source.Path) && item.Source.Kind switch
    {
        EntryKind.Directory => Request.Destination.Directories is not null && Request.Filter == EntryFilter.All,
        EntryKind.File or EntryKind.Link => Request.Filter.Covers(item.Source),
        _ => false,
    };

    /// <summary>Files at the source and at the destination. A saved plan has lines for some of them only, and knows how many there were.</summary>
    public (long Source, long Destination) Files =>
        Request.Saved?.Counts is { } made ? (made.SourceFiles, made.DestinationFiles) : (_sourceFiles, _presentFiles);

    /// <summary>Why nothing may be deleted; null when it may.</summary>
    public string? Refusal() => _extraFiles == 0 ? null : policy.Refuses(_extraFiles, Files.Destination, Files.Source);

    /// <summary>Deletes, unless the run went wrong in any way: a later one, when all is well, deletes then.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        if (run.Stopped != StopReason.None || run.Tally.ListingIncomplete || run.Tally.Totals.Failed > 0)
        {
            if (_extraFiles > 0)
            {
                observer.On(new ExtrasKept(_extraFiles, run.Tally.ListingIncomplete ? "the listing is not complete" : "not everything arrived"));
            }

            return;
        }

        if (Refusal() is { } refusal)
        {
            observer.On(new ExtrasKept(_extraFiles, refusal));
            run.Refuse(refusal);
            return;
        }

        foreach (StoreEntry[] entries in _extras.InOrder().Chunk(Together))
        {
            ct.ThrowIfCancellationRequested();
            if (run.Stopped != StopReason.None)
            {
                return;
            }

            await DeleteAsync(entries, ct).ConfigureAwait(false);
        }
    }

    public void Dispose() => _extras.Dispose();

    private bool LiesBehindLink(StorePath path)
    {
        for (StorePath at = path; _links.Count > 0 && !at.IsRoot; at = at.Parent)
        {
            if (_links.Contains(at))
            {
                return true;
            }
        }

        return false;
    }

    private async Task DeleteAsync(StoreEntry[] entries, CancellationToken ct)
    {
        var still = new bool[entries.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Request.Destination.Limits.DefaultConcurrency, CancellationToken = ct };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, entries.Length), options, async (i, stop) => still[i] = await IsStillExtraAsync(entries[i], stop).ConfigureAwait(false))
            .ConfigureAwait(false);
        StoreEntry[] files = [.. entries.Where((entry, i) => still[i] && entry.Kind != EntryKind.Directory)];
        if (files.Length > 0)
        {
            // Forgotten before it is deleted: a file that is known to be delivered and is not there would never be sent again.
            StoreIdentity there = Request.Destination.Identity;
            await ledger.ForgetDeliveredAsync(there.Space, [.. files.Select(file => there.Absolute(file.Path))], ct).ConfigureAwait(false);
        }

        IReadOnlyDictionary<StorePath, StoreException> failures = await DeleteAll.FromAsync(
            Request.Destination, [.. files.Select(file => file.Path)], ct).ConfigureAwait(false);
        foreach (StoreEntry file in files)
        {
            await TellAsync(file, failures.GetValueOrDefault(file.Path), ct).ConfigureAwait(false);
        }

        foreach (StoreEntry directory in entries.Where((entry, i) => still[i] && entry.Kind == EntryKind.Directory))
        {
            await DeleteDirectoryAsync(directory, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Whether it is what the plan saw: what somebody wrote since is not ours to delete.</summary>
    private async ValueTask<bool> IsStillExtraAsync(StoreEntry entry, CancellationToken ct)
    {
        if (entry.Kind == EntryKind.Directory)
        {
            return true;
        }

        try
        {
            StoreEntry? now = await Request.Destination.StatAsync(entry.Path, ct).ConfigureAwait(false);
            return now is not null && now.Kind == entry.Kind && now.Length == entry.Length && now.Version == entry.Version && Request.Filter.Covers(now);
        }
        catch (StoreException e)
        {
            await TellAsync(entry, e, ct).ConfigureAwait(false);
            return false;
        }
    }

    private async Task DeleteDirectoryAsync(StoreEntry directory, CancellationToken ct)
    {
        try
        {
            await Request.Destination.DeleteAsync(directory.Path, ct).ConfigureAwait(false);
            observer.On(new EntryDeleted(directory.Path, directory.Kind, 0));
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Unsupported)
        {
            // Something in it stays: left out by a filter, or written since.
        }
        catch (StoreException e)
        {
            await TellAsync(directory, e, ct).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(StoreEntry entry, StoreException? failure, CancellationToken ct)
    {
        if (failure is not null)
        {
            await run.ReportUnplannedAsync(entry.Path, FileFailure.From(failure, StoreSide.Destination), ledger, ct).ConfigureAwait(false);
            return;
        }

        run.Tally.Change(t => t with { Deleted = t.Deleted + 1 });
        observer.On(new EntryDeleted(entry.Path, entry.Kind, entry.Length));
    }
}
