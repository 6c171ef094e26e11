using System.Collections.Concurrent;
using Godwit.Server.Engine;
using Godwit.Server.Limits;
using Godwit.Server.Queue;
using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Runs;

/// <summary>Carries a transfer out once, and takes the steps that follow from it. What an earlier run of the same round delivered stays, also when that one
/// was killed: the engine knows it by its receipts.</summary>
/// <param name="ledger">The record of runs.</param>
/// <param name="submissions">The record of transfers.</param>
/// <param name="engine">What carries out.</param>
/// <param name="limits">What runs share.</param>
/// <param name="options">Who is asked and told.</param>
/// <param name="time">The clock.</param>
internal sealed class RunSubmission(ILedger ledger, ISubmissions submissions, IEngine engine, LiveLimits limits, DispatchOptions options, TimeProvider time)
{
    // Runs that the ledger broke off may have written down how they ended as soon as it could be written again: that is not the end of the transfer.
    private readonly ConcurrentDictionary<string, string> _unended = new();

    /// <summary>Runs it.</summary>
    /// <param name="id">Which transfer.</param>
    /// <param name="active">Hears what happens, and can stop it.</param>
    /// <returns>False where another run writes there: it has to wait until that one ends.</returns>
    /// <exception cref="LedgerException">The ledger cannot be used; the transfer goes on from what it holds.</exception>
    public async Task<bool> RunAsync(string id, ActiveRun active)
    {
        if (await submissions.FindAsync(id, active.Stop).ConfigureAwait(false) is not { State: { } state, Pause: null, CancelAsked: null } submission
            || TransferSteps.IsEnd(state))
        {
            return true;
        }

        IReadOnlyList<SubmissionRun> before = await submissions.ListRunsAsync(id, active.Stop).ConfigureAwait(false);
        if (state == TransferState.Transferring && await EndedAlreadyAsync(id, before, submission.Round).ConfigureAwait(false) is { } outcome)
        {
            await EndAsync(id, before, new RunOutcome(outcome, null)).ConfigureAwait(false);
            return true;
        }

        string runId = await RunIdAsync(submission, before, active.Stop).ConfigureAwait(false);
        IFileList? files = SubmittedFiles.Of(submissions, submission);
        TransferOrder asked = await StagedOrder.OfAsync(options.Staging.Calls, submission, active.Stop).ConfigureAwait(false);
        var order = new RunOrder(runId, asked, files, active, active.Tally)
        {
            Limits = limits.For(new EndpointPair(asked.Endpoints.Source, asked.Endpoints.Destination)),
            WhyNotAsync = async (from, to, ct) => asked.StagedBy is { } stager && StagerPlaces.WhyNot(options.Staging.Stagers, stager, from) is { } fault
                ? fault
                : asked.IsBound ? await options.WhyNotAsync(submission, from, to, ct).ConfigureAwait(false) : null,
        };
        _unended[id] = runId;
        RunOutcome ended = await MeasuredAsync(submission, order, active).ConfigureAwait(false);
        await options.SettleAsync().ConfigureAwait(false);
        if (ended.HasToWait)
        {
            return false;
        }

        _unended.TryRemove(id, out _);
        await EndAsync(id, before, Expired(ended, active)).ConfigureAwait(false);
        return true;
    }

    /// <summary>Ends a transfer that has used up its time and is not carried out at present.</summary>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public async Task ExpireAsync(Submission found, string why)
    {
        if (found.State == TransferState.Transferring)
        {
            IReadOnlyList<SubmissionRun> runs = await submissions.ListRunsAsync(found.Id, CancellationToken.None).ConfigureAwait(false);
            await EndAsync(found.Id, runs, new RunOutcome(TransferOutcome.Error, why)).ConfigureAwait(false);
        }
        else if (found.State is { } state)
        {
            await StepAsync(found.Id, state, TransferState.Error, why).ConfigureAwait(false);
        }
    }

    /// <summary>Ends a transfer at which the program itself failed: it would fail again.</summary>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public Task BreakAsync(string id, Exception fault) =>
        EndAsync(id, [], new RunOutcome(TransferOutcome.Error, $"Godwit itself failed, please report it: {fault.GetType().Name}: {fault.Message}"));

    /// <summary>What was stopped because its time is used up is at its end.</summary>
    private static RunOutcome Expired(RunOutcome ended, ActiveRun active) => active.Expired is { } why && ended.Outcome is TransferOutcome.Canceled or TransferOutcome.Interrupted
        ? new RunOutcome(active.Tally.Totals.Delivered > 0 ? TransferOutcome.Partial : TransferOutcome.Error, why)
        : ended;

    private async Task<RunOutcome> MeasuredAsync(Submission submission, RunOrder order, ActiveRun active)
    {
        active.Start();
        var ended = new RunOutcome(TransferOutcome.Error, null);
        try
        {
            ended = await CarryOutAsync(submission, order, active).ConfigureAwait(false);
            return ended;
        }
        catch (LedgerException)
        {
            ended = ended with { HasToWait = true };
            throw;
        }
        finally
        {
            active.End(ended);
        }
    }

    /// <summary>Runs it, and says that files are moved as soon as the destination is ours: until then it waits.</summary>
    private async Task<RunOutcome> CarryOutAsync(Submission submission, RunOrder order, ActiveRun active)
    {
        Task<RunOutcome> running = engine.RunAsync(order, active.Stop);
        try
        {
            await Task.WhenAny(running, active.Begun).ConfigureAwait(false);
            if (active.Begun.IsCompleted && submission.State != TransferState.Transferring)
            {
                await StepAsync(submission.Id, submission.State!.Value, TransferState.Transferring, null).ConfigureAwait(false);
            }

            active.Move(time.GetUtcNow());
        }
        catch (LedgerException)
        {
            await active.StopAsync().ConfigureAwait(false);
            await running.ConfigureAwait(false);
            throw;
        }

        return await running.ConfigureAwait(false);
    }

    /// <summary>The id of the run that begins. One that was refused its destination left nothing behind and is taken up again; one that broke off, because the
    /// ledger could not be used or the service was killed, gives its claim back first: nobody else runs this transfer.</summary>
    private async Task<string> RunIdAsync(Submission submission, IReadOnlyList<SubmissionRun> before, CancellationToken ct)
    {
        if (before is [.., var last])
        {
            IReadOnlyList<TransferRecord> found = await ledger.FindTransfersAsync(last.RunId, ct).ConfigureAwait(false);
            if (found.Count == 0 && last.Round == submission.Round)
            {
                return last.RunId;
            }

            if (found is [{ Ended: null }])
            {
                var now = Timestamp.From(time.GetUtcNow());
                TransferTotals told = await BrokenRun.TotalsAsync(ledger, last.RunId, ct).ConfigureAwait(false);
                await ledger.EndTransferAsync(last.RunId, TransferOutcome.Interrupted, told, now, ct).ConfigureAwait(false);
            }
        }

        string runId = TransferId.New(time);
        await submissions.RecordRunAsync(submission.Id, runId, ct).ConfigureAwait(false);
        return runId;
    }

    /// <summary>How the round's last run ended, where the service was killed before it said so; null where there is something left to do.</summary>
    private async Task<TransferOutcome?> EndedAlreadyAsync(string id, IReadOnlyList<SubmissionRun> runs, int round)
    {
        return runs is [.., var last] && last.Round == round && !(_unended.TryGetValue(id, out string? broken) && broken == last.RunId)
            && await ledger.FindTransfersAsync(last.RunId, CancellationToken.None).ConfigureAwait(false) is [{ Outcome: { } outcome }]
            && outcome is not (TransferOutcome.Canceled or TransferOutcome.Interrupted)
            ? outcome
            : null;
    }

    private async Task EndAsync(string id, IReadOnlyList<SubmissionRun> before, RunOutcome ended)
    {
        if (await submissions.FindAsync(id, CancellationToken.None).ConfigureAwait(false) is not { State: { } state } now || TransferSteps.IsEnd(state))
        {
            return;
        }

        if (ended.Outcome is TransferOutcome.Canceled or TransferOutcome.Interrupted)
        {
            if (now.CancelAsked is not null)
            {
                await StepAsync(id, state, TransferState.Canceled, ended.Why).ConfigureAwait(false);
            }

            // Otherwise it was paused, or the service stops: it goes on later from here.
            return;
        }

        if (state != TransferState.Transferring)
        {
            await StepAsync(id, state, TransferState.Transferring, null).ConfigureAwait(false);
        }

        bool isPartial = ended.Outcome == TransferOutcome.Partial
            || (ended.Outcome == TransferOutcome.Error && await DeliveredBeforeAsync(before, now.Round).ConfigureAwait(false));
        TransferState end = isPartial ? TransferState.Partial : ended.Outcome == TransferOutcome.Success ? TransferState.Success : TransferState.Error;
        await StepAsync(id, TransferState.Transferring, end, ended.Why).ConfigureAwait(false);
    }

    /// <summary>Whether an earlier run of the same round delivered anything: what failed in the last one is then a part of the whole.</summary>
    private async Task<bool> DeliveredBeforeAsync(IReadOnlyList<SubmissionRun> runs, int round)
    {
        foreach (SubmissionRun run in runs.Where(run => run.Round == round))
        {
            if (await ledger.FindTransfersAsync(run.RunId, CancellationToken.None).ConfigureAwait(false) is [_]
                && (await ledger.ListDeliveredAsync(run.RunId, null, 1, CancellationToken.None).ConfigureAwait(false)).Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private async Task StepAsync(string id, TransferState from, TransferState to, string? why) =>
        await submissions.StepAsync(id, from, to, why, Timestamp.From(time.GetUtcNow()), CancellationToken.None).ConfigureAwait(false);
}
