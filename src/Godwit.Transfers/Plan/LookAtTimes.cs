using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan;

/// <summary>
/// Gives pairs the times that a listing did not show (a bucket's listing shows when an object was written, not the time it was given) and
/// that the comparison needs. What the ledger knows to be there still is not looked at.
/// </summary>
internal sealed class LookAtTimes(TransferRequest request, ILedger? ledger)
{
    /// <summary>Looks at once: a look is a short call over a network, and thousands of them come together.</summary>
    private const int Looks = 32;

    private readonly DeliveredBefore? _before = ledger is null ? null : new DeliveredBefore(request, ledger);

    /// <summary>Pairs in key order, following those of the call before. Those that are settled need no decision any more.</summary>
    public async ValueTask<IReadOnlyList<TreePair>> CompleteAsync(
        IReadOnlyList<TreePair> pairs, ISet<StorePath> settled, CancellationToken ct)
    {
        var open = new List<int>();
        for (int i = 0; i < pairs.Count; i++)
        {
            if (LacksTime(pairs[i]) && !await IsSettledAsync(pairs[i], settled, ct).ConfigureAwait(false))
            {
                open.Add(i);
            }
        }

        if (open.Count == 0)
        {
            return pairs;
        }

        TreePair[] complete = [.. pairs];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Looks, CancellationToken = ct };
        await Parallel.ForEachAsync(
            open, parallel, async (i, token) => complete[i] = await LookAsync(pairs[i], token).ConfigureAwait(false)).ConfigureAwait(false);
        return complete;
    }

    private async ValueTask<bool> IsSettledAsync(TreePair pair, ISet<StorePath> settled, CancellationToken ct)
    {
        bool isThere = _before is not null
            && await _before.IsStillThereAsync(pair.Source!, pair.Destination!, ct).ConfigureAwait(false);
        return isThere && settled.Add(pair.Source!.Path);
    }

    private static bool LacksTime(TreePair pair) =>
        pair is { Source: { Kind: EntryKind.File } source, Destination: { Kind: EntryKind.File } existing }
        && source.Length == existing.Length && (source.Modified is null || existing.Modified is null);

    private async ValueTask<TreePair> LookAsync(TreePair pair, CancellationToken ct) => new(
        await LookAsync(request.Source, pair.Source!, ct).ConfigureAwait(false),
        await LookAsync(request.Destination, pair.Destination!, ct).ConfigureAwait(false));

    private static async ValueTask<StoreEntry> LookAsync(IStore store, StoreEntry listed, CancellationToken ct)
    {
        if (listed.Modified is not null)
        {
            return listed;
        }

        try
        {
            return await store.StatAsync(listed.Path, ct).ConfigureAwait(false) ?? listed;
        }
        catch (StoreException)
        {
            // Without its time the file is moved, and whatever stands against that is told of the file then.
            return listed;
        }
    }
}
