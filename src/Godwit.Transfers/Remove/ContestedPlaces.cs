using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Queue;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Remove;

/// <summary>The files of a sync that wait until what is in their way at the destination was deleted there.</summary>
internal sealed class ContestedPlaces(TransferRun run, ILedger ledger, OpenScratch openScratch) : IDisposable
{
    private readonly ExternalSort<PlanItem> _waiting = OrderFiles.ByPath(openScratch);
    private readonly Dictionary<StorePath, bool> _kept = [];

    /// <summary>Whether anything waits.</summary>
    public bool Any { get; private set; }

    /// <summary>Takes a line of the plan that has to wait.</summary>
    public void Add(PlanItem item)
    {
        Any = true;
        _waiting.Add(item);
    }

    /// <summary>The lines that can be carried out now, directories before what is in them. The others are told of as failures.</summary>
    public async IAsyncEnumerable<PlanItem> FreedAsync([EnumeratorCancellation] CancellationToken ct)
    {
        foreach (PlanItem item in _waiting.InOrder())
        {
            if (run.Stopped == StopReason.None && await IsKeptAsync(item.Contest!, ct).ConfigureAwait(false))
            {
                FileFailure failure = item.Contest!.Failure("it was not deleted, because a filter keeps it or something went wrong before", true);
                await run.ReportFailureAsync(item, failure, ledger, ct, isPlanned: item.Decision != PlanDecision.MakeDirectory).ConfigureAwait(false);
            }
            else
            {
                yield return item;
            }
        }
    }

    public void Dispose() => _waiting.Dispose();

    private async ValueTask<bool> IsKeptAsync(Contest contest, CancellationToken ct)
    {
        if (!_kept.TryGetValue(contest.Path, out bool kept))
        {
            kept = contest.IsKept(await run.Request.Destination.StatAsync(contest.Path, ct).ConfigureAwait(false));
            _kept.Add(contest.Path, kept);
        }

        return kept;
    }
}
