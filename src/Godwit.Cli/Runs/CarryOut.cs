using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Queue;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Runs;

/// <summary>Carries a transfer out, once: what runs between its stores and its end, for the command line and for a service alike.</summary>
/// <param name="id">The run's id.</param>
/// <param name="verb">The command.</param>
/// <param name="settings">What was asked for.</param>
/// <param name="ledger">Where it is written down.</param>
/// <param name="tally">The counts, to be watched while it runs.</param>
/// <param name="time">The clock.</param>
internal sealed class CarryOut(string id, string verb, CopySettings settings, ILedger ledger, TransferTally tally, TimeProvider time)
{
    /// <summary>What the engine is asked for. Its stores are closed by whoever asks.</summary>
    public TransferRequest RequestFor(TransferEnds ends, RunStores stores) => new()
    {
        Id = id,
        Verb = verb,
        Source = stores.Source,
        Destination = stores.Destination,
        Backup = stores.Backup,
        Single = ends.Single,
        Listed = settings.Listed,
        FilesAtOnce = stores.FilesAtOnce,
        Policy = settings.Policy,
        Filter = settings.Filter,
    };

    /// <summary>Runs it to its end, which is a result whatever it is.</summary>
    /// <param name="ends">Between what.</param>
    /// <param name="request">What the engine is asked for.</param>
    /// <param name="observer">Hears of everything that happens.</param>
    /// <param name="ct">A clean stop.</param>
    public async Task<RunEnd> RunAsync(TransferEnds ends, TransferRequest request, ITransferObserver observer, CancellationToken ct)
    {
        var started = Timestamp.From(time.GetUtcNow());
        RunEnd end = await RunFlowAsync(ends, request, observer, ct).ConfigureAwait(false);
        return await WithTimesAsync(end with { Started = started, Ended = Timestamp.From(time.GetUtcNow()) }).ConfigureAwait(false);
    }

    private async Task<RunEnd> RunFlowAsync(TransferEnds ends, TransferRequest request, ITransferObserver observer, CancellationToken ct)
    {
        RunEnd end = BeginningOf(ends);
        long began = time.GetTimestamp();
        var flow = new TransferFlow(ledger, LinuxRunHolder.Current(), ScratchFile.Open, observer, time);
        try
        {
            AnnounceDryRun(observer, new TransferStarted(id, verb, end.Source, end.Destination));
            TransferResult result = await flow.RunAsync(request, tally, ct).ConfigureAwait(false);
            AnnounceDryRun(observer, new TransferEnded(id, result.Outcome, result.Totals, result.Took));
            return end with
            {
                Outcome = result.Outcome,
                Totals = result.Totals,
                Stopped = result.Stopped,
                Took = result.Took,
                ListingIncomplete = result.ListingIncomplete,
                Error = result.Refusal is { } refusal ? $"Nothing was deleted: {refusal}." : null,
            };
        }
        catch (Exception e) when (e is StoreException or LedgerException or ClaimRefusedException)
        {
            TransferTotals totals = WithoutOutcome();
            TransferOutcome outcome = TransferResult.OutcomeOf(totals, StopReason.None, brokeOff: true);
            return end with
            {
                Outcome = outcome,
                Error = e is StoreException failure ? FailedFile.Told(failure, twoSides: true) : e.Message,
                IsClaimRefused = e is ClaimRefusedException,
                IsLedgerFault = e is LedgerException,
                Totals = totals,
                Took = time.GetElapsedTime(began),
                ListingIncomplete = e is ClaimRefusedException ? null : true,
            };
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped before the claim was ours, or while a dry run was listing.
            end = end with { Outcome = TransferOutcome.Canceled, Stopped = StopReason.Canceled };
            return end with { Totals = WithoutOutcome(), Took = time.GetElapsedTime(began), ListingIncomplete = true };
        }
    }

    /// <summary>The times that the ledger has, so that the report is the same whenever it is made.</summary>
    private async Task<RunEnd> WithTimesAsync(RunEnd end)
    {
        try
        {
            return await ledger.FindTransfersAsync(id, CancellationToken.None).ConfigureAwait(false) is [{ Ended: not null } record]
                ? end with { Started = record.Started, Ended = record.Ended }
                : end;
        }
        catch (LedgerException)
        {
            // What the ledger could not do is told already.
            return end;
        }
    }

    private RunEnd BeginningOf(TransferEnds ends) => new()
    {
        Id = id,
        Verb = verb,
        Source = ends.SourceText,
        Destination = ends.DestinationText,
        DryRun = settings.Policy.DryRun,
        LeavesStanding = settings.Policy is { NoOverwrite: true } or { Compare: CompareBy.Exists },
        Outcome = TransferOutcome.Error,
        Totals = new TransferTotals(),
        Started = default,
    };

    /// <summary>The counts of a run that broke off: what was planned and has no outcome was not attempted, so that they add up.</summary>
    private TransferTotals WithoutOutcome()
    {
        TransferTotals totals = tally.Totals;
        return totals with { NotAttempted = totals.Planned - totals.Delivered - totals.Failed };
    }

    /// <summary>A dry run is not in the ledger, so the engine does not announce it; a reader of events wants its ends all the same.</summary>
    private void AnnounceDryRun(ITransferObserver observer, TransferEvent happened)
    {
        if (settings.Policy.DryRun)
        {
            observer.On(happened);
        }
    }
}
