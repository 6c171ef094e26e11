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
        var options = new ParallelOptions { MaxDegreeOfParallelism = context.FilesAtOnce, CancellationToken = ct };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, items.Length), options, async (i, stop) => failures[i] = await WhyNotAsync(items[i].Source, stop).ConfigureAwait(false))
            .ConfigureAwait(false);
        StorePath[] free = [.. items.Where((_, i) => failures[i] is null).Select(item => item.Source.Path)];
        IReadOnlyDictionary<StorePath, StoreException> kept = await DeleteAll.FromAsync(context.Source, free, ct).ConfigureAwait(false);
        for (int i = 0; i < items.Length; i++)
        {
            await TellAsync(items[i], failures[i] ?? kept.GetValueOrDefault(items[i].Source.Path), ct).ConfigureAwait(false);
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

    private async Task TellAsync(PlanItem item, StoreException? failure, CancellationToken ct)
    {
        if (failure is null)
        {
            run.Tally.Change(t => t with { Deleted = t.Deleted + 1 });
            context.Observer.On(new SourceDeleted(item.Source.Path, item.Source.Length));
            return;
        }

        var told = FileFailure.From(failure, StoreSide.Source);
        await run.ReportUnplannedAsync(
            item.Source.Path, told with { Message = $"It arrived, and was not deleted at the source: {told.Message}" }, ledger, ct).ConfigureAwait(false);
    }
}
