using Godwit.Server.Engine;
using Godwit.Server.Metrics;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>Brings a transfer through one call-out: asks until that is acknowledged, waits for the answer, and takes the steps that follow. Whatever it knows it reads from the
/// ledger each time, so that it goes on after a crash where it was.</summary>
/// <param name="parts">What it stands on.</param>
internal sealed class RunCallOut(StagingParts parts)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_longestAsked = TimeSpan.FromHours(1);

    private Timestamp Now => Timestamp.From(parts.Time.GetUtcNow());

    /// <summary>Goes on until the transfer has left the stage, or may not enter it now.</summary>
    /// <param name="id">Which transfer.</param>
    /// <param name="active">Says when to look again, and when to stop.</param>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The service ends.</exception>
    public async Task RunAsync(string id, ActiveCall active)
    {
        TransferState? during = null;
        while (true)
        {
            Task changed = active.Changed;
            Submission? found = await parts.Submissions.FindAsync(id, active.Stop).ConfigureAwait(false);
            if (found is not { State: { } state } || CallTurn.Of(TransferOrder.Of(found), state) is not { } turn || (during ??= turn.During) != turn.During)
            {
                return;
            }

            if (await GoOnAsync(found, state, turn, active).ConfigureAwait(false) is not { } wait)
            {
                return;
            }

            await active.WaitAsync(changed, wait, parts.Time).ConfigureAwait(false);
        }
    }

    /// <summary>Ends a transfer at which the program itself failed: it would fail again.</summary>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public async Task BreakAsync(string id, Exception fault)
    {
        if (await parts.Submissions.FindAsync(id, CancellationToken.None).ConfigureAwait(false) is { State: { } state } && TransferSteps.Allows(state, TransferState.Error))
        {
            await StepAsync(id, state, TransferState.Error, $"Godwit itself failed, please report it: {fault.GetType().Name}: {fault.Message}").ConfigureAwait(false);
        }
    }

    /// <returns>How long to wait for something new; null where it is over.</returns>
    private async Task<TimeSpan?> GoOnAsync(Submission transfer, TransferState state, CallTurn turn, ActiveCall active)
    {
        if (transfer.CancelAsked is not null)
        {
            await EndAsync(transfer.Id, turn, state, TransferState.Canceled, state == turn.During ? "canceled" : null, null).ConfigureAwait(false);
            return null;
        }

        if (state != turn.During)
        {
            // It waits for its turn: nothing begins of what is paused.
            return transfer.Pause is null && await StepAsync(transfer.Id, state, turn.During, null).ConfigureAwait(false) ? TimeSpan.Zero : null;
        }

        StagerRule? rule = parts.Stagers.Find(turn.Stage, turn.Asked.By);
        CallOut call = await parts.Calls.BeginAsync(NewCall(transfer, turn, rule), CancellationToken.None).ConfigureAwait(false);
        TimeSpan left = call.What.Deadline.ToDateTimeOffset() - parts.Time.GetUtcNow();
        if (call.Answer is { } answer)
        {
            await EndAsync(transfer.Id, turn, answer).ConfigureAwait(false);
            return null;
        }

        if (left <= TimeSpan.Zero)
        {
            await EndAsync(transfer.Id, turn, state, TransferState.Error, "late", LateSentence(turn, call)).ConfigureAwait(false);
            return null;
        }

        active.IsAcknowledged = call.Acknowledged is not null;
        return call.Acknowledged is not null ? left : await AskInTimeAsync(transfer, turn, rule, call, left, active).ConfigureAwait(false);
    }

    private NewCallOut NewCall(Submission transfer, CallTurn turn, StagerRule? rule)
    {
        DateTimeOffset now = parts.Time.GetUtcNow();
        TimeSpan limit = rule?.Limit ?? StagerRule.UsualLimit;
        return new NewCallOut(CallCode.NewId(), transfer.Id, transfer.Round, turn.Stage, turn.Asked.By, Timestamp.From(now), Timestamp.From(now + limit));
    }

    private async Task<TimeSpan?> AskInTimeAsync(Submission transfer, CallTurn turn, StagerRule? rule, CallOut call, TimeSpan left, ActiveCall active)
    {
        TimeSpan early = active.NextTry - parts.Time.GetUtcNow();
        if (early > TimeSpan.Zero)
        {
            return early < left ? early : left;
        }

        int renewals = active.Renewals;
        if (await AskAsync(transfer, turn, rule, call, active).ConfigureAwait(false) is not { } reply)
        {
            return TimeSpan.Zero;
        }

        bool isOpen = await parts.Calls.RecordAskedAsync(call.What.Id, reply.Fault, Now, CancellationToken.None).ConfigureAwait(false);
        if (isOpen && reply is { IsRefused: true, Fault: { } refusal })
        {
            string why = $"The {turn.Who} refuses: {refusal.TrimEnd('.')}. Mend what it says, then try again: godwit retry {transfer.Id}";
            await EndAsync(transfer.Id, turn, turn.During, TransferState.Error, "refused", why).ConfigureAwait(false);
            return null;
        }

        active.Pause(renewals, parts.Time.GetUtcNow() + PauseAfter(call.Tries, reply));
        return TimeSpan.Zero;
    }

    /// <returns>What came of it; null where he has answered meanwhile.</returns>
    private async Task<StagerReply?> AskAsync(Submission transfer, CallTurn turn, StagerRule? rule, CallOut call, ActiveCall active)
    {
        if (rule is null)
        {
            return new StagerReply($"The service's configuration has no {turn.Who} any more.");
        }

        if (!await parts.Calls.AskAsync(call.What.Id, CallCode.HashOf(rule.Asked.CodeOf(call.What.Id)), Now, CancellationToken.None).ConfigureAwait(false))
        {
            return null;
        }

        TransferOrder order = await StagedOrder.OfAsync(parts.Calls, transfer, active.Stop).ConfigureAwait(false);
        var request = new StagerRequest(call.What, transfer, order, order.Source, parts.CallbackOf(call.What.Id));
        return await rule.Asked.AskAsync(request, active.Stop).ConfigureAwait(false);
    }

    private static TimeSpan PauseAfter(int tries, StagerReply reply)
    {
        TimeSpan pause = s_firstPause * Math.Pow(2, Math.Min(tries, 10));
        pause = pause < s_longestPause ? pause : s_longestPause;
        return reply.RetryAfter is { } asked && asked > pause ? (asked < s_longestAsked ? asked : s_longestAsked) : pause;
    }

    private async Task EndAsync(string id, CallTurn turn, CallAnswer answer)
    {
        if (answer.IsSuccess)
        {
            await EndAsync(id, turn, turn.During, turn.After, "ready", null).ConfigureAwait(false);
            return;
        }

        string says = answer.Message.Length > 0 ? $": {answer.Message.TrimEnd('.')}." : ", and does not say why.";
        string why = $"The {turn.Who} failed{says} Those who run it know more; then: godwit retry {id}";
        await EndAsync(id, turn, turn.During, TransferState.Error, "failed", why).ConfigureAwait(false);
    }

    private async Task EndAsync(string id, CallTurn turn, TransferState from, TransferState to, string? outcome, string? why)
    {
        if (await StepAsync(id, from, to, why).ConfigureAwait(false) && outcome is not null)
        {
            parts.Metrics?.Count(
                MetricTable.StagingEnded, 1, new("stage", CallTurn.NameOf(turn.Stage)), new("by", turn.Asked.By), new("outcome", outcome));
        }
    }

    private static string LateSentence(CallTurn turn, CallOut call)
    {
        string heard = call switch
        {
            { Acknowledged: { } when } => $"He acknowledged at {when} and did not call back",
            { Fault: { } fault } => $"He was asked {call.Tries} times and never acknowledged, the last time: {fault.TrimEnd('.')}",
            _ => "He was not reached",
        };
        return $"The {turn.Who} was not done by {call.What.Deadline}, when its time was used up. {heard}. Ask those who run it; then: godwit retry {call.What.Submission}";
    }

    private ValueTask<bool> StepAsync(string id, TransferState from, TransferState to, string? why) =>
        parts.Submissions.StepAsync(id, from, to, why, Now, CancellationToken.None);
}
