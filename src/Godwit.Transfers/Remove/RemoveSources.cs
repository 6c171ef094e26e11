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
    /// <summary>Deletes the sources of files that arrived, or that were there.</summary>
    public async Task RunAsync(IReadOnlyList<FileInFlight> files, CancellationToken ct)
    {
        PlanItem[] items = [.. files.Select(file => file.Item)];
        var failures = new StoreException?[items.Length];
        StoreException? notDurable = await MakeDurableAsync([.. files.Where(file => file.IsThere).Select(file => file.Path)], ct).ConfigureAwait(false);
        var options = new ParallelOptions { MaxDegreeOfParallelism = context.FilesAtOnce, CancellationToken = ct };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, items.Length), options, async (i, stop) => failures[i] = files[i].IsThere
                ? notDurable ?? OneFile(items[i]) ?? await WhyNotAsync(items[i].Source, stop).ConfigureAwait(false)
                : await WhyNotAsync(items[i].Source, stop).ConfigureAwait(false))
            .ConfigureAwait(false);
        StorePath[] free = [.. items.Where((_, i) => failures[i] is null).Select(item => item.Source.Path)];
        IReadOnlyDictionary<StorePath, StoreException> kept = await DeleteAll.FromAsync(context.Source, free, ct).ConfigureAwait(false);
        for (int i = 0; i < items.Length; i++)
        {
            await TellAsync(files[i], failures[i] ?? kept.GetValueOrDefault(items[i].Source.Path), ct).ConfigureAwait(false);
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
            file.Item, file.Attempts + 1, told with { Message = $"It arrived, and was not deleted at the source: {told.Message}" }, ledger, ct)
            .ConfigureAwait(false);
    }
}
