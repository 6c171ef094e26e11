using System.Collections.Concurrent;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan;

/// <summary>
/// Fills in times that the comparison needs and a listing did not show: a bucket's shows when an object was written, not the time that it
/// was given. What the ledger knows to be there still is not looked at.
/// </summary>
internal sealed class LookUpTimes(TransferRequest request, ILedger? ledger)
{
    /// <summary>Looks at once: a look is a short call over a network, and thousands of them come together.</summary>
    private const int Looks = 32;

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
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Looks, CancellationToken = ct };
        await Parallel.ForEachAsync(open, parallel, async (i, stop) =>
        {
            StoreSide side = StoreSide.Source;
            try
            {
                StoreEntry source = await LookAsync(request.Source, pairs[i].Source!, stop).ConfigureAwait(false);
                side = StoreSide.Destination;
                StoreEntry? existing = Compares(pairs[i])
                    ? await LookAsync(request.Destination, pairs[i].Destination!, stop).ConfigureAwait(false)
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

        bool mustBeSettled = request.Policy.StableFor > TimeSpan.Zero && source.Modified is null;
        return mustBeSettled || (Compares(pair) && (source.Modified is null || pair.Destination!.Modified is null));
    }

    private bool Compares(TreePair pair) =>
        request.Policy is { Compare: CompareBy.Modified, NoOverwrite: false }
        && pair.Destination is { Kind: EntryKind.File } existing && existing.Length == pair.Source!.Length;

    /// <summary>The entry as looking at it tells it; as it was listed where it is gone by now, which moving it will notice.</summary>
    private static async ValueTask<StoreEntry> LookAsync(IStore store, StoreEntry entry, CancellationToken ct) =>
        entry.Modified is not null ? entry : await store.StatAsync(entry.Path, ct).ConfigureAwait(false) ?? entry;
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
