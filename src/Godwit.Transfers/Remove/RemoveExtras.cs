using Godwit.Storage;
using Godwit.Transfers.Backup;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Remove;

/// <summary>
/// Deletes what only the destination has, as the last step of a sync: after everything arrived, never after a listing with gaps or a failure, and
/// never more than the policy allows. All or nothing is decided before the first file goes.
/// </summary>
internal sealed class RemoveExtras(
    TransferRun run, RemovalPolicy policy, ContestedPlaces contested, KeepBackup? backup, ILedger ledger, ITransferObserver observer, OpenScratch openScratch,
    TimeProvider time)
    : IDisposable
{
    private const int InMemory = 100_000;
    private const int Together = 256;

    // Backwards: what lies in a directory comes before the directory.
    private readonly ExternalSort<StoreEntry> _extras = new((a, b) => ListingOrder.Compare(b, a), EntryCodec.Instance, openScratch, InMemory);
    private readonly ExternalSort<StoreEntry> _inTheWay = new((a, b) => ListingOrder.Compare(b, a), EntryCodec.Instance, openScratch, InMemory);
    private readonly OpenScratch _openScratch = openScratch;
    private readonly Dictionary<StorePath, long> _filesInTheWay = [];
    private readonly HashSet<StorePath> _links = [];
    private bool _hasExtras;
    private long _extraFiles;
    private long _presentFiles;
    private long _sourceFiles;

    private TransferRequest Request => run.Request;

    /// <summary>All that is to be deleted, as far as the plan saw it: not what stays for good because its place can never become free.</summary>
    private long FilesToDelete => _extraFiles - _filesInTheWay.Where(pair => contested.IsKeptForGood(pair.Key)).Sum(pair => pair.Value);

    /// <summary>Takes a line of the plan.</summary>
    public void See(PlanItem item)
    {
        if (item.Decision != PlanDecision.Extra)
        {
            if (item.Source.Kind == EntryKind.Link && Request.Policy.Links != LinkPolicy.Keep)
            {
                _links.Add(item.Source.Path);
            }

            _sourceFiles += IsMeant(item) && item.Source.Kind != EntryKind.Directory ? 1 : 0;
            _presentFiles += IsMeant(item) && item.Existing is { Kind: not EntryKind.Directory } ? 1 : 0;
            return;
        }

        bool isDirectory = item.Source.Kind == EntryKind.Directory;
        _presentFiles += !isDirectory && Request.Filter.Covers(item.Source) ? 1 : 0;
        if (IsChosen(item))
        {
            _hasExtras = true;
            _extraFiles += isDirectory ? 0 : 1;
            if (item.Contest is { } contest)
            {
                _filesInTheWay[contest.Path] = _filesInTheWay.GetValueOrDefault(contest.Path) + (isDirectory ? 0 : 1);
            }

            (item.Contest is null ? _extras : _inTheWay).Add(item.Source);
        }
    }

    /// <summary>Whether a line counts for the guards. What this transfer leaves alone does not: a disk that is not mounted may well show a file
    /// that says so.</summary>
    private static bool IsMeant(PlanItem item) =>
        item.Decision is not (PlanDecision.Filtered or PlanDecision.SkippedLink or PlanDecision.SkippedSpecial or PlanDecision.SkippedDirectory);

    /// <summary>Whether a line of the plan is something that a sync deletes. What a filter leaves out is left alone on both sides, and so is what
    /// lies where the source has a link: it came from behind the link.</summary>
    public bool IsChosen(PlanItem item) => item.Decision == PlanDecision.Extra && !IsNotOurs(item.Source.Path) && item.Source.Kind switch
    {
        EntryKind.Directory => Request.Destination.Directories is not null && (Request.Filter == EntryFilter.All || item.Contest is not null),
        EntryKind.File or EntryKind.Link => Request.Filter.Covers(item.Source) && (!Request.Filter.IsByName || item.Contest is not null),
        _ => false,
    };

    private bool IsNotOurs(StorePath path) => LiesBehindLink(path) || OwnNames.IsOne(path);

    /// <summary>Files at the source and at the destination. A saved plan has lines for some of them only, and knows how many there were.</summary>
    public (long Source, long Destination) Files =>
        Request.Saved?.Counts is { } made ? (made.SourceFiles, made.DestinationFiles) : (_sourceFiles, _presentFiles);

    /// <summary>Why nothing may be deleted; null when it may.</summary>
    public string? Refusal() => FilesToDelete == 0 ? null : policy.Refuses(FilesToDelete, Files.Destination, Files.Source);

    /// <summary>Why everything stays that only the destination has; null where the run went well so far. What is still changing at the source may be
    /// what is to come instead.</summary>
    public string? WhyKept() => run.Tally.ListingIncomplete ? "the listing is not complete"
        : run.Stopped != StopReason.None || run.Tally.Totals.Failed > 0 ? Request.Policy.DryRun ? "not everything can arrive" : "not everything arrived"
        : run.Tally.Totals.Unsettled > 0 ? "files at the source are still changing"
        : null;

    /// <summary>Tells of what stays, if anything does.</summary>
    public void TellKept(string why)
    {
        long stays = FilesToDelete - run.Tally.Totals.Deleted;
        if (stays > 0)
        {
            observer.On(new ExtrasKept(stays, why));
        }
    }

    /// <summary>Deletes what is in the way of files that wait for it. The guards are about all that is to be deleted, not about this part only.</summary>
    public async Task ClearTheWayAsync(CancellationToken ct)
    {
        run.StopWhenTimeIsUp();
        if (WhyKept() is not null || await IsRefusedAsync(ct).ConfigureAwait(false))
        {
            return;
        }

        await contested.ChooseAsync(ct).ConfigureAwait(false);
        if (WhyKept() is null)
        {
            await DeleteAsync(_inTheWay.InOrder().Where(entry => contested.MayClear(entry.Path)), ct).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes, unless the run went wrong in any way: a later one, when all is well, deletes then.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        if (run.Stopped == StopReason.GuardRefused)
        {
            return;
        }

        if (WhyKept() is { } why)
        {
            TellKept(why);
            return;
        }

        if (!await IsRefusedAsync(ct).ConfigureAwait(false))
        {
            await DeleteAsync(_extras.InOrder(), ct).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _extras.Dispose();
        _inTheWay.Dispose();
    }

    private async Task<bool> IsRefusedAsync(CancellationToken ct)
    {
        if ((Refusal() ?? await EmptiedAsync(ct).ConfigureAwait(false) ?? await LosesSourceAsync(ct).ConfigureAwait(false)) is not { } refusal)
        {
            return false;
        }

        TellKept(refusal);
        run.Refuse(refusal);
        return true;
    }

    private async Task DeleteAsync(IEnumerable<StoreEntry> extras, CancellationToken ct)
    {
        foreach (StoreEntry[] entries in extras.Chunk(Together))
        {
            ct.ThrowIfCancellationRequested();
            if (run.Stopped != StopReason.None)
            {
                return;
            }

            await DeleteAsync(entries, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Why nothing may be deleted by a saved plan, which knows how many files the source had; null where it may.</summary>
    private async Task<string?> EmptiedAsync(CancellationToken ct) => Request.Saved is not null && FilesToDelete > 0 && !policy.AllowEmptySource
        && await EmptySource.HoldsNothingAsync(Request.Source, _openScratch, ct).ConfigureAwait(false)
            ? policy.Refuses(FilesToDelete, Files.Destination, 0)
            : null;

    /// <summary>Why the source would lose what is deleted; null where it would not, and where there is nothing to delete.</summary>
    private async Task<string?> LosesSourceAsync(CancellationToken ct) => !_hasExtras
        ? null
        : await new SamePlace(Request.Source, Request.Destination, time).RefusesDeletingAsync(ct).ConfigureAwait(false);

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
        await ledger.RequireClaimAsync(Request.Id, ct).ConfigureAwait(false);
        StoreEntry[] still = await StillExtraAsync(entries, ct).ConfigureAwait(false);
        StoreEntry[] files = [.. still.Where(entry => entry.Kind != EntryKind.Directory)];
        if (backup is not null)
        {
            // Looked at again: putting hundreds of files aside may take hours.
            files = await new PutExtrasAside(run, backup, observer, TellAsync).KeepAsync(files, ct).ConfigureAwait(false);
            files = await StillExtraAsync(files, ct).ConfigureAwait(false);
        }

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

        foreach (StoreEntry directory in still.Where(entry => entry.Kind == EntryKind.Directory))
        {
            await DeleteDirectoryAsync(directory, ct).ConfigureAwait(false);
        }
    }

    private async Task<StoreEntry[]> StillExtraAsync(StoreEntry[] entries, CancellationToken ct)
    {
        var still = new bool[entries.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Request.Destination.Limits.DefaultConcurrency, CancellationToken = ct };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, entries.Length), options, async (i, stop) => still[i] = await IsStillExtraAsync(entries[i], stop).ConfigureAwait(false))
            .ConfigureAwait(false);
        return [.. entries.Where((_, i) => still[i])];
    }

    /// <summary>Whether it is what the plan saw: what somebody wrote since is not ours to delete.</summary>
    private async ValueTask<bool> IsStillExtraAsync(StoreEntry entry, CancellationToken ct)
    {
        try
        {
            StoreEntry? now = await Request.Destination.StatAsync(entry.Path, ct).ConfigureAwait(false);
            return now is { Kind: EntryKind.Directory }
                ? entry.Kind == EntryKind.Directory
                : now is not null && IsSame(now, entry) && Request.Filter.Covers(now);
        }
        catch (StoreException e)
        {
            await TellAsync(entry, e, ct).ConfigureAwait(false);
            return false;
        }
    }

    /// <summary>A listing may tell less than a look: what only one of them tells is no difference.</summary>
    private static bool IsSame(StoreEntry now, StoreEntry listed) =>
        now.IsSameVersion(listed.Modified is null ? listed with { Modified = now.Modified } : listed);

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
