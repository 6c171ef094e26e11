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
    private readonly Dictionary<StorePath, StoreEntry> _keepers = [];

    /// <summary>Whether anything waits.</summary>
    public bool Any { get; private set; }

    /// <summary>Takes a line of the plan if it has to wait, and takes note of what a sync leaves in the way.</summary>
    /// <returns>Whether it waits.</returns>
    public bool Takes(PlanItem item)
    {
        if (item.Contest is not { } contest)
        {
            return false;
        }

        if (item.Decision != PlanDecision.Extra)
        {
            Any = true;
            _waiting.Add(item);
            return true;
        }

        if (item.Source.Kind == EntryKind.Other || (item.Source.Kind != EntryKind.Directory && !run.Request.Filter.Covers(item.Source)))
        {
            _keepers.TryAdd(contest.Path, item.Source);
        }

        return false;
    }

    /// <summary>What a dry run says of the lines: some will be impossible.</summary>
    /// <param name="isCleared">Whether what is in their way would be deleted, where nothing else in it stays.</param>
    public IEnumerable<PlanItem> Planned(bool isCleared)
    {
        string why = WhyNot();
        return _waiting.InOrder().Select(item => (WhyEver(item.Contest!) ?? (isCleared ? null : item.Contest!.Failure(why, true))) is { } failure
            ? item with { Decision = PlanDecision.Impossible, Failure = failure, Contest = null }
            : item);
    }

    /// <summary>The lines that can be carried out now, directories before what is in them. The others are told of as failures.</summary>
    public async IAsyncEnumerable<PlanItem> FreedAsync([EnumeratorCancellation] CancellationToken ct)
    {
        string why = WhyNot();
        foreach (PlanItem item in _waiting.InOrder())
        {
            if (run.Stopped == StopReason.None && await IsKeptAsync(item.Contest!, ct).ConfigureAwait(false))
            {
                FileFailure failure = WhyEver(item.Contest!) ?? item.Contest!.Failure(why, true);
                await run.ReportFailureAsync(item, failure, ledger, ct, isPlanned: item.Decision != PlanDecision.MakeDirectory).ConfigureAwait(false);
            }
            else
            {
                yield return item;
            }
        }
    }

    public void Dispose() => _waiting.Dispose();

    /// <summary>Why nothing made way, asked before the lines that wait fail because of it.</summary>
    private string WhyNot() => run.Tally.Totals is { Failed: 0, Unsettled: > 0 }
        ? "it was not deleted, because files at SRC are still changing; run again later"
        : "it was not deleted, because something went wrong before or somebody wrote there";

    /// <summary>Why no sync makes way there; null where one may.</summary>
    private FileFailure? WhyEver(Contest contest) => !_keepers.TryGetValue(contest.Path, out StoreEntry? keeper) ? null : contest.Failure(
        keeper.Kind == EntryKind.Other
            ? $"sync never deletes the device, pipe or socket \"{keeper.Path}\" in it; move that away, or name another destination"
            : $"a filter keeps \"{keeper.Path}\" from being deleted; move that away, or correct the filter",
        mayPass: false);

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
