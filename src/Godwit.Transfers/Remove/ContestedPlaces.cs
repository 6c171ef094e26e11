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
    private readonly Dictionary<StorePath, StorePath> _standIns = [];
    private readonly HashSet<StorePath> _chosen = [];
    private readonly HashSet<StorePath> _failed = [];
    private readonly HashSet<StorePath> _failedPlaces = [];
    private bool _isLimited;

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

        if (item.Decision == PlanDecision.BeforeBaseline)
        {
            _standIns.TryAdd(contest.Path, item.Source.Path);
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
        return _waiting.InOrder().Where(item => !IsDelivered(item)).Select(item => WhyImpossible(item.Contest!) is { } failure
            ? item with { Decision = PlanDecision.Impossible, Failure = failure, Contest = null }
            : item);

        FileFailure? WhyImpossible(Contest contest) => WhyEver(contest) ?? (isCleared ? null : contest.Failure(why, true));
    }

    /// <summary>Whether a place can never become free: a filter or its kind keeps something in it, or what is there stands for a file before the
    /// baseline.</summary>
    public bool IsKeptForGood(StorePath place) => _keepers.ContainsKey(place) || _standIns.ContainsKey(place);

    /// <summary>Whether what is in the way at a path, or above it, is to be deleted now.</summary>
    public bool MayClear(StorePath path)
    {
        for (StorePath at = path; !at.IsRoot; at = at.Parent)
        {
            if (_chosen.Contains(at))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Chooses the places to clear: those whose lines would be begun. Each file is opened once before, because what was there is gone when it
    /// turns out that it cannot be read; one that cannot be opened has failed.</summary>
    public async Task ChooseAsync(CancellationToken ct)
    {
        long bytes = 0;
        var directories = new HashSet<StorePath>();
        foreach (PlanItem item in _waiting.InOrder().Where(item => !IsKeptForGood(item.Contest!.Path)))
        {
            run.StopWhenTimeIsUp();
            if (item.Decision == PlanDecision.MakeDirectory)
            {
                directories.Add(item.Contest!.Path);
                continue;
            }

            _isLimited = run.IsBeyondLimit(item, bytes);
            if (_isLimited || run.Stopped != StopReason.None)
            {
                return;
            }

            bytes += item.Source.Length;
            if (item.Decision is PlanDecision.Move or PlanDecision.Compare && await WhyUnreadableAsync(item, ct).ConfigureAwait(false) is { } failure)
            {
                _failed.Add(item.Source.Path);
                _failedPlaces.Add(item.Contest!.Path);
                await run.ReportFailureAsync(item, failure, ledger, ct).ConfigureAwait(false);
            }

            _chosen.Add(item.Contest!.Path);
        }

        // For its own sake a directory makes way only when what is in it is not kept out by the limit.
        _chosen.UnionWith(directories);
    }

    /// <summary>The lines that can be carried out now, directories before what is in them. The others are told of as failures.</summary>
    public async IAsyncEnumerable<PlanItem> FreedAsync([EnumeratorCancellation] CancellationToken ct)
    {
        string why = WhyNot();
        foreach (PlanItem item in _waiting.InOrder().Where(item => !_failed.Contains(item.Source.Path)))
        {
            bool isBeyond = IsBeyondLimit(item.Contest!);
            if (IsDelivered(item) || (item.Decision == PlanDecision.MakeDirectory && (isBeyond || _failedPlaces.Contains(item.Contest!.Path))))
            {
                // What becomes of the files in it tells why it is not made.
                continue;
            }

            if (run.Stopped == StopReason.None && !isBeyond && await IsKeptAsync(item.Contest!, ct).ConfigureAwait(false))
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

    /// <summary>Whether a line is a directory for which something stands there, as for the files in it.</summary>
    private bool IsDelivered(PlanItem item) => item.Decision == PlanDecision.MakeDirectory && _standIns.ContainsKey(item.Contest!.Path);

    /// <summary>Why no sync makes way there; null where one may.</summary>
    private FileFailure? WhyEver(Contest contest) => _standIns.TryGetValue(contest.Path, out StorePath marked)
        ? contest.Failure($"sync leaves it because \"{marked}\" of SRC is before the baseline; move it away, or resend that file", mayPass: false)
        : !_keepers.TryGetValue(contest.Path, out StoreEntry? keeper) ? null : contest.Failure(
        keeper.Kind == EntryKind.Other
            ? $"sync never deletes the device, pipe or socket \"{keeper.Path}\" in it; move that away, or name another destination"
            : run.Request.Filter.Patterns is null ? $"\"{keeper.Path}\" in it is not among what was chosen, and stays; move that away, or choose it too"
            : $"a filter keeps \"{keeper.Path}\" from being deleted; move that away, or correct the filter",
        mayPass: false);

    /// <summary>Whether a place was not cleared only because the limit of bytes keeps its lines from being begun: that is what they are told.</summary>
    private bool IsBeyondLimit(Contest contest) =>
        _isLimited && _failed.Count == 0 && !IsKeptForGood(contest.Path) && !_chosen.Contains(contest.Path);

    private async ValueTask<FileFailure?> WhyUnreadableAsync(PlanItem item, CancellationToken ct)
    {
        try
        {
            StoreBody body = await run.Request.Source.OpenReadAsync(item.Source.Path, ct).ConfigureAwait(false);
            await body.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch (StoreException e)
        {
            return FileFailure.From(e, StoreSide.Source);
        }
    }

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
