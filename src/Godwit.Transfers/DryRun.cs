using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Saved;
using Godwit.Transfers.Queue;
using Godwit.Transfers.Remove;

namespace Godwit.Transfers;

/// <summary>Says what would be done, and keeps it for later where that was asked for. Nothing is changed, not even the ledger.</summary>
internal sealed class DryRun(
    TransferRun run, RemoveExtras? extras, RemoveSourceDirectories? emptied, ExternalSort<PlanItem>? order, OpenScratch openScratch, ITransferObserver observer)
    : IDisposable
{
    private readonly ExternalSort<PlanItem> _deleted = OrderFiles.ByPath(openScratch);

    /// <summary>Counts what a move would delete; null for another command.</summary>
    public SourceGuard? Guard { get; init; }

    /// <summary>Where something of another kind is in the way; null for another command than a sync.</summary>
    public ContestedPlaces? Contested { get; init; }

    private IPlanSink? Sink => run.Request.SavePlan;

    /// <summary>Goes through the plan.</summary>
    public async Task RunAsync(IAsyncEnumerable<PlanChunk> plan, CancellationToken ct)
    {
        await foreach (PlanChunk chunk in plan.WithCancellation(ct).ConfigureAwait(false))
        {
            await TakeAsync(chunk, ct).ConfigureAwait(false);
        }

        await run.ReportMissingAsync(null, ct).ConfigureAwait(false);
        if (extras is not null && Contested is not null)
        {
            await TellLastAsync(extras, Contested, ct).ConfigureAwait(false);
        }

        foreach (PlanItem item in order?.InOrder() ?? [])
        {
            Tell(item);
        }

        string? refusal = (run.Tally.Totals.Deleted > 0 ? extras?.Refusal() : null) ?? (Guard is null ? null : await Guard.RefusalAsync(ct).ConfigureAwait(false));
        if (emptied is not null && refusal is null && run.Stopped == StopReason.None && !run.Tally.ListingIncomplete)
        {
            TellEmptied(emptied);
        }

        run.Tally.CompletePlan();
        await CompleteAsync(refusal, ct).ConfigureAwait(false);
    }

    public void Dispose() => _deleted.Dispose();

    /// <summary>Only now it is known what stays at the destination, and in whose way.</summary>
    private async Task TellLastAsync(RemoveExtras extras, ContestedPlaces contested, CancellationToken ct)
    {
        bool isCleared = extras.WhyKept() is null;
        foreach (PlanItem item in contested.Planned(isCleared))
        {
            await TellAsync(item, ct).ConfigureAwait(false);
        }

        string? why = extras.WhyKept();
        foreach (PlanItem item in _deleted.InOrder())
        {
            if (item.Contest is not { } contest ? why is null : isCleared && !contested.IsKeptForGood(contest.Path))
            {
                await TellAsync(item, ct).ConfigureAwait(false);
            }
        }

        if (why is not null)
        {
            extras.TellKept(why);
        }
    }

    private void TellEmptied(RemoveSourceDirectories directories)
    {
        foreach (PlanItem item in directories.Planned())
        {
            Sink?.Add(PlannedLine.Of(item));
            observer.On(new FilePlanned(item));
        }
    }

    /// <summary>Ends the plan that is saved, unless a guard refuses it.</summary>
    private async Task CompleteAsync(string? refusal, CancellationToken ct)
    {
        if (refusal is not null)
        {
            // What was refused must not be carried out later: the plan stays without its end.
            run.Refuse(refusal);
            return;
        }

        if (Guard is not null && Sink is not null)
        {
            await Guard.CountAllAsync(ct).ConfigureAwait(false);
        }

        (long source, long destination) = extras?.Files ?? (Guard?.Listed ?? 0, 0);
        Sink?.Complete(new PlanCounts(run.Tally.Totals, source, destination));
    }

    private async Task TakeAsync(PlanChunk chunk, CancellationToken ct)
    {
        run.Tally.Count(chunk.Items);
        await run.ReportUnreadableAsync(chunk.Unreadable, ledger: null, ct).ConfigureAwait(false);
        foreach (StoreException unreadable in chunk.Unreadable)
        {
            Sink?.Add(PlannedLine.Of(unreadable));
        }

        foreach (PlanItem item in chunk.Items)
        {
            extras?.See(item);
            Guard?.See(item);
            emptied?.See(item);
            if (Contested?.Takes(item) == true)
            {
                continue;
            }

            if (extras?.IsChosen(item) == true)
            {
                _deleted.Add(item);
            }
            else
            {
                await TellAsync(item, ct).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask TellAsync(PlanItem item, CancellationToken ct)
    {
        bool isDeleted = extras?.IsChosen(item) == true;
        run.CountPlannedBackup(item, isDeleted);
        if (isDeleted)
        {
            run.Tally.Change(t => t with { Deleted = t.Deleted + (item.Source.Kind == EntryKind.Directory ? 0 : 1) });
        }

        if (isDeleted || IsToDo(item.Decision) || (item.Decision == PlanDecision.Unchanged && run.Request.Policy.RemoveSource))
        {
            Sink?.Add(PlannedLine.Of(item));
        }

        if (item.Decision is PlanDecision.Move or PlanDecision.Compare && order is not null)
        {
            order.Add(item);
        }
        else if (isDeleted || IsToDo(item.Decision))
        {
            Tell(item);
        }

        if (item.Failure is { } failure)
        {
            await run.ReportFailureAsync(item, failure, ledger: null, ct).ConfigureAwait(false);
        }
    }

    private void Tell(PlanItem item)
    {
        if (item.Decision is PlanDecision.Move or PlanDecision.Compare or PlanDecision.MakeLink && !run.WouldBegin(item))
        {
            return;
        }

        if (item.Decision is not (PlanDecision.Move or PlanDecision.Compare))
        {
            observer.On(new FilePlanned(item));
            return;
        }

        TransferRequest request = run.Request;
        ChosenRoute chosen = ChooseRoute.For(request.Source, request.Destination, item, request.Policy);
        observer.On(new FilePlanned(item) { Route = chosen.Name, RouteReason = chosen.Reason });
    }

    private static bool IsToDo(PlanDecision decision) => decision is PlanDecision.Move or PlanDecision.Compare or PlanDecision.MakeDirectory
        or PlanDecision.MakeLink or PlanDecision.Impossible;
}
