using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Remove;

/// <summary>
/// Deletes files of the source that are at the destination for certain, as the last step of a move: each only after its verdict and its receipt, or
/// after both sides were read and have the same bytes; and only if it is still the version that was moved.
/// </summary>
internal sealed class RemoveSources(MoveContext context, TransferRun run, ILedger ledger)
{
    /// <summary>Files that are looked at together, and then deleted in one call where the store can: what somebody writes in between is lost, so it
    /// must not take long.</summary>
    private const int Together = 16;

    /// <summary>Deletes the sources of files that arrived, or that were there.</summary>
    /// <exception cref="ClaimLostException">Another run took the claim over: what it finds at the source is its own to judge.</exception>
    public async Task RunAsync(IReadOnlyList<FileInFlight> files, CancellationToken ct)
    {
        if (files.Count == 0)
        {
            return;
        }

        await ledger.RequireClaimAsync(context.Id, ct).ConfigureAwait(false);
        StoreException? notDurable = await MakeDurableAsync([.. files.Where(file => file.IsThere).Select(file => file.Path)], ct).ConfigureAwait(false);
        int together = context.Source.VersionedDelete is null ? Math.Min(Together, context.Source.BulkDelete?.MaxPaths ?? 1) : 1;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, context.FilesAtOnce / together), CancellationToken = ct };
        await Parallel.ForEachAsync(
            files.Chunk(together), options, async (some, stop) => await DeleteAsync(some, notDurable, stop).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task DeleteAsync(FileInFlight[] files, StoreException? notDurable, CancellationToken ct)
    {
        StoreException?[] failures = await Task.WhenAll(files.Select(file => WhyNotAsync(file, notDurable, ct).AsTask())).ConfigureAwait(false);
        StoreEntry[] free = [.. files.Where((_, i) => failures[i] is null).Select(file => file.Item.Source)];
        IReadOnlyDictionary<StorePath, StoreException> kept = await DeleteAll.VersionsFromAsync(context.Source, free, ct).ConfigureAwait(false);
        for (int i = 0; i < files.Length; i++)
        {
            StoreException? failure = failures[i] ?? kept.GetValueOrDefault(files[i].Item.Source.Path);
            if (failure is null || !await IsTakenAsync(files[i], ct).ConfigureAwait(false))
            {
                await TellAsync(files[i], failure, ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether somebody else took the file, who delivered it too: then it is gone as it should be.</summary>
    private async ValueTask<bool> IsTakenAsync(FileInFlight file, CancellationToken ct)
    {
        try
        {
            return context.Policy.SharesSource && await TakenFiles.IsTakenAsync(context.Source, file.Item.Source.Path, ct).ConfigureAwait(false);
        }
        catch (StoreException)
        {
            // Why the file was not deleted is known, and told.
            return false;
        }
    }

    private async ValueTask<StoreException?> WhyNotAsync(FileInFlight file, StoreException? notDurable, CancellationToken ct) =>
        (file.IsThere ? notDurable ?? OneFile(file.Item) : null)
        ?? await WhyNotAsync(file.Item.Source, ct).ConfigureAwait(false)
        ?? await WhyNotThereAsync(file, ct).ConfigureAwait(false);

    /// <summary>Looks at the copy at the very last: somebody may have taken it away, or the whole destination, since it was proved.</summary>
    private async ValueTask<StoreException?> WhyNotThereAsync(FileInFlight file, CancellationToken ct)
    {
        try
        {
            // Of no files: only that the place where they were published is where its name leads.
            if (context.Destination.Durability is { } durability)
            {
                await durability.SyncPublishedAsync([], ct).ConfigureAwait(false);
            }

            StoreEntry? there = await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false);
            bool isThere = there is not null && (there.Kind != EntryKind.File || there.Length == file.Item.Source.Length);
            return isThere ? null : new StoreException(StoreErrorKind.NotFound, $"\"{file.Path}\" is not at the destination any more.")
            {
                Side = StoreSide.Destination,
                Path = file.Path,
            };
        }
        catch (StoreException e)
        {
            e.Side = StoreSide.Destination;
            return e;
        }
    }

    private async ValueTask<StoreException?> WhyNotAsync(StoreEntry source, CancellationToken ct)
    {
        try
        {
            await ReadSource.RequireUnchangedAsync(context.Source, source, ct).ConfigureAwait(false);
            return null;
        }
        catch (StoreException e)
        {
            return e;
        }
    }

    /// <summary>What was there already was not written by this run, and may be only in a cache.</summary>
    private async ValueTask<StoreException?> MakeDurableAsync(StorePath[] paths, CancellationToken ct)
    {
        try
        {
            if (paths.Length > 0 && context.Destination.Durability is { } durability)
            {
                await durability.SyncPublishedAsync(paths, ct).ConfigureAwait(false);
            }

            return null;
        }
        catch (StoreException e)
        {
            return e;
        }
    }

    /// <summary>Whether both sides are one file, seen through two mounts or two names: deleting the one would delete the other.</summary>
    private static StoreException? OneFile(PlanItem item) => item.Source.Inode is { } here && here == item.Existing?.Inode
        ? new StoreException(StoreErrorKind.InvalidRequest, "source and destination are one and the same file, under two names or through two mounts.")
        {
            Path = item.Source.Path,
        }
        : null;

    private async Task TellAsync(FileInFlight file, StoreException? failure, CancellationToken ct)
    {
        StoreEntry source = file.Item.Source;
        if (failure is null)
        {
            run.Tally.Change(t => t with { Deleted = t.Deleted + 1 });
            context.Observer.On(new SourceDeleted(source.Path, source.Length) { Kind = source.Kind });
            return;
        }

        var told = FileFailure.From(failure, StoreSide.Source);
        await run.ReportKeptAsync(
            file, told with { Message = $"It arrived, and was not deleted at the source: {told.Message}" }, ledger, ct)
            .ConfigureAwait(false);
    }
}
