using System.Collections.Concurrent;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan;

/// <summary>
/// Fills in times that the comparison, a filter or the order needs and a listing did not show: a bucket's shows when an object was written, not the time that it
/// was given. What the ledger knows to be there still is not looked at.
/// </summary>
/// <param name="request">The transfer.</param>
/// <param name="ledger">What was delivered before; null where that is not known.</param>
/// <param name="keepsTimes">Whether both stores keep times, so that they can be compared.</param>
internal sealed class LookUpTimes(TransferRequest request, ILedger? ledger, bool keepsTimes)
{
    private readonly DeliveredBefore? _before = ledger is null ? null : new DeliveredBefore(request, ledger);

    /// <summary>Completes pairs in key order, which follow those of the call before.</summary>
    public async ValueTask<TimedPairs> OfAsync(IReadOnlyList<TreePair> pairs, CancellationToken ct)
    {
        var settled = new HashSet<int>();
        var open = new List<int>();
        for (int i = 0; i < pairs.Count; i++)
        {
            if (!Lacks(pairs[i]))
            {
                continue;
            }

            bool isThere = _before is not null && Compares(pairs[i])
                && await _before.IsStillThereAsync(pairs[i].Source!, pairs[i].Destination!, ct).ConfigureAwait(false);
            (isThere ? (ICollection<int>)settled : open).Add(i);
        }

        return open.Count == 0 ? TimedPairs.AsListed(pairs) with { Settled = settled } : await LookAsync(pairs, settled, open, ct).ConfigureAwait(false);
    }

    private async ValueTask<TimedPairs> LookAsync(
        IReadOnlyList<TreePair> pairs, HashSet<int> settled, List<int> open, CancellationToken ct)
    {
        TreePair[] filled = [.. pairs];
        var failures = new ConcurrentDictionary<int, FileFailure>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = TimedListing.Looks, CancellationToken = ct };
        await Parallel.ForEachAsync(open, parallel, async (i, stop) =>
        {
            StoreSide side = StoreSide.Source;
            try
            {
                StoreEntry source = await TimedListing.LookAsync(request.Source, pairs[i].Source!, stop).ConfigureAwait(false);
                side = StoreSide.Destination;
                StoreEntry? existing = Compares(pairs[i])
                    ? await TimedListing.LookAsync(request.Destination, pairs[i].Destination!, stop).ConfigureAwait(false)
                    : pairs[i].Destination;
                filled[i] = new TreePair(source, existing);
            }
            catch (StoreException e)
            {
                failures[i] = FileFailure.From(e, side);
            }
        }).ConfigureAwait(false);
        return new TimedPairs(filled, settled, failures);
    }

    private bool Lacks(TreePair pair)
    {
        if (pair.Source is not { Kind: EntryKind.File } source || !request.Filter.Includes(source))
        {
            return false;
        }

        return (source.Modified is null && (DecidesByTime || (GoesByTime && MayMove(pair))))
            || (Compares(pair) && (source.Modified is null || pair.Destination!.Modified is null));
    }

    /// <summary>Whether the source's time alone decides on a file.</summary>
    private bool DecidesByTime => request.Policy.StableFor > TimeSpan.Zero || request.Filter.ByTime;

    private bool GoesByTime => request.Policy.Order is FileOrder.Oldest or FileOrder.Newest;

    private bool MayMove(TreePair pair) =>
        pair.Destination is null || request.Policy is { NoOverwrite: false, Compare: not CompareBy.Exists };

    private bool Compares(TreePair pair) =>
        keepsTimes && request.Policy is { Compare: CompareBy.Modified, NoOverwrite: false }
        && pair.Destination is { Kind: EntryKind.File } existing && existing.Length == pair.Source!.Length;
}

/// <summary>Pairs with their times.</summary>
/// <param name="Pairs">The pairs.</param>
/// <param name="Settled">Places of those that were delivered before and are there still.</param>
/// <param name="Failures">Those that could not be looked at, by their places: nothing can be decided about them.</param>
internal sealed record TimedPairs(IReadOnlyList<TreePair> Pairs, IReadOnlySet<int> Settled, IReadOnlyDictionary<int, FileFailure> Failures)
{
    private static readonly HashSet<int> None = [];
    private static readonly Dictionary<int, FileFailure> NoFailures = [];

    /// <summary>Pairs whose times were all shown, or are not needed.</summary>
    public static TimedPairs AsListed(IReadOnlyList<TreePair> pairs) => new(pairs, None, NoFailures);

    /// <summary>What is settled without a decision; null where one is to be made.</summary>
    public PlanItem? Decided(int place) => Pairs[place] is not { Source: { } source, Destination: var existing } ? null
        : Settled.Contains(place) ? new PlanItem(PlanDecision.Unchanged, "delivered before", source, source.Path, existing)
        : Failures.TryGetValue(place, out FileFailure? failure)
            ? new PlanItem(PlanDecision.Impossible, "cannot be looked at", source, source.Path, existing) { Failure = failure }
        : null;
}
