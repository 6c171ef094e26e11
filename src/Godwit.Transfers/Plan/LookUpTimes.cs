using System.Collections.Concurrent;
using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>
/// Fills in times that a listing did not show, as an object store's does not: only for files that are compared by time, and for the
/// source of those that are moved, whose time goes along.
/// </summary>
internal sealed class LookUpTimes(TransferRequest request, long precision)
{
    private readonly int _atOnce = Math.Max(1, Math.Min(request.Source.Limits.DefaultConcurrency, request.Destination.Limits.DefaultConcurrency));

    /// <summary>The pairs, with the times that a decision needs.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="failures">Gets those that could not be looked at, by their place among the pairs: nothing can be decided about them.</param>
    /// <param name="ct">Cancels the call.</param>
    public async ValueTask<IReadOnlyList<TreePair>> OfAsync(
        IReadOnlyList<TreePair> pairs, ConcurrentDictionary<int, FileFailure> failures, CancellationToken ct)
    {
        int[] lacking = precision == 0 ? [] : [.. Enumerable.Range(0, pairs.Count).Where(i => Lacks(pairs[i]))];
        if (lacking.Length == 0)
        {
            return pairs;
        }

        TreePair[] filled = [.. pairs];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _atOnce, CancellationToken = ct };
        await Parallel.ForEachAsync(lacking, parallel, async (i, stop) =>
        {
            (StoreEntry source, StoreEntry? existing) = (pairs[i].Source!, pairs[i].Destination);
            StoreSide side = StoreSide.Source;
            try
            {
                source = await LookAsync(request.Source, source, stop).ConfigureAwait(false);
                side = StoreSide.Destination;
                existing = existing is null || !Compares(source, existing) ? existing : await LookAsync(request.Destination, existing, stop).ConfigureAwait(false);
                filled[i] = new TreePair(source, existing);
            }
            catch (StoreException e)
            {
                failures[i] = FileFailure.From(e, side);
            }
        }).ConfigureAwait(false);
        return filled;
    }

    private bool Lacks(TreePair pair)
    {
        if (pair.Source is not { Kind: EntryKind.File } source || !request.Filter.Includes(source))
        {
            return false;
        }

        bool compares = pair.Destination is { } existing && Compares(source, existing);
        return (source.Modified is null && (compares || MayMove(source, pair.Destination))) || (compares && pair.Destination!.Modified is null);
    }

    private bool Compares(StoreEntry source, StoreEntry existing) =>
        existing.Kind == EntryKind.File && existing.Length == source.Length && request.Policy is { Compare: CompareBy.Modified, NoOverwrite: false };

    private bool MayMove(StoreEntry source, StoreEntry? existing)
    {
        if (existing is null)
        {
            return true;
        }

        bool sameLength = existing.Kind == EntryKind.File && existing.Length == source.Length;
        return !request.Policy.NoOverwrite && request.Policy.Compare switch
        {
            CompareBy.Exists => false,
            CompareBy.Size => !sameLength,
            CompareBy.Ledger => !sameLength || existing.ResumeVersion != source.ResumeVersion,
            _ => true,
        };
    }

    /// <summary>The entry as looking at it tells it; as it was listed where it is gone by now, which moving it will notice.</summary>
    private static async ValueTask<StoreEntry> LookAsync(IStore store, StoreEntry entry, CancellationToken ct) =>
        entry.Modified is not null ? entry : await store.StatAsync(entry.Path, ct).ConfigureAwait(false) ?? entry;
}
