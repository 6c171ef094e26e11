using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Schedules;

/// <summary>Deals with one planned time of a schedule: hands a transfer over, or writes down why not.</summary>
/// <param name="schedules">The record of schedules.</param>
/// <param name="submissions">The record of transfers.</param>
/// <param name="checks">Reads orders.</param>
/// <param name="time">The clock.</param>
internal sealed class FireSchedule(ISchedules schedules, ISubmissions submissions, PendingChecks checks, TimeProvider time)
{
    private const int Page = 500;

    private Timestamp Now => Timestamp.From(time.GetUtcNow());

    /// <summary>Whether the transfer that a schedule began last has not ended.</summary>
    public async ValueTask<Submission?> GoingOnAsync(Schedule schedule, CancellationToken ct) =>
        schedule.LastTransfer is { } last && await submissions.FindAsync(last, ct).ConfigureAwait(false) is { State: { } state } found && !TransferSteps.IsEnd(state)
            ? found
            : null;

    /// <summary>All transfers that a schedule began and that have not ended: also one before the last, which somebody tried again.</summary>
    public async ValueTask<IReadOnlyList<Submission>> OpenAsync(Schedule schedule, CancellationToken ct)
    {
        List<Submission> all = [];
        IReadOnlyList<Submission> page;
        do
        {
            page = await schedules.ListOpenAsync(schedule, all.LastOrDefault()?.RequestKey, Page, ct).ConfigureAwait(false);
            all.AddRange(page);
        }
        while (page.Count == Page);
        return all;
    }

    /// <summary>Begins with what firing takes time for.</summary>
    public void Prepare(Schedule schedule) => checks.Begin(schedule);

    /// <summary>Deals with a planned time.</summary>
    /// <param name="schedule">Of which schedule.</param>
    /// <param name="run">Which time; what became of it is found out here.</param>
    /// <param name="ct">Cancels the call; then nothing was written.</param>
    /// <returns>What became of it; null where it was dealt with already. Of what somebody asked for, nothing is written where it is skipped.</returns>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public async ValueTask<ScheduleRun?> FireAsync(Schedule schedule, ScheduleRun run, CancellationToken ct)
    {
        if (await GoingOnAsync(schedule, ct).ConfigureAwait(false) is { } before)
        {
            ScheduleRun skipped = run with { End = ScheduleEnd.Skipped, Why = $"The transfer {before.Id} of the run before has not ended." };
            return run.IsByHand || await schedules.RecordAsync(skipped, ct).ConfigureAwait(false) ? skipped : null;
        }

        CheckedTransfer? known = await checks.ResultAsync(schedule, ct).ConfigureAwait(false);
        if (known is not { Faults: [], Order: { } order, Read: { } read })
        {
            string why = known is null ? "Its source or its destination did not answer in time." : string.Join(' ', known.Faults.Select(fault => fault.Sentence));
            ScheduleRun refused = run with { End = ScheduleEnd.Refused, Why = why };
            return await schedules.RecordAsync(refused, ct).ConfigureAwait(false) ? refused : null;
        }

        var transfer = new Submission(
            TransferId.New(time), schedule.Owner, schedule.Project, order.Verb, read.Source.Text, read.Destination.Text, order.ToDetails(), Now)
        {
            Priority = schedule.Priority,
            RequestKey = schedule.KeyOf(run.Planned),
        };
        Submission? accepted = await schedules.FireAsync(run, transfer, $"schedule {schedule.Id}", ct).ConfigureAwait(false);
        return accepted is null ? null : run with { Transfer = accepted.Id };
    }

    /// <summary>Writes down that a planned time passed while no service ran.</summary>
    public async ValueTask MissAsync(ScheduleRun run, CancellationToken ct) => await schedules.RecordAsync(run with { End = ScheduleEnd.Missed }, ct).ConfigureAwait(false);
}
