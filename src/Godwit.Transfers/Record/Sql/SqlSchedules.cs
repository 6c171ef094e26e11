using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Schedules in the ledger's own database.</summary>
internal sealed class SqlSchedules(Connection writing, Connection reading, JournalSignal signal) : ISchedules
{
    public ValueTask<bool> AddAsync(Schedule schedule, CancellationToken ct) => WriteAsync(rows => rows.Schedules.Add(schedule), ct);

    public ValueTask<Schedule?> FindAsync(string id, CancellationToken ct) => reading.ReadAsync(rows => rows.Schedules.Find(id), ct);

    public async ValueTask<IReadOnlyList<Schedule>> ListAsync(ScheduleFilter filter, string? after, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.Schedules.List(filter, after, limit), ct).ConfigureAwait(false);

    public ValueTask<bool> ChangeAsync(Schedule schedule, CancellationToken ct) => WriteAsync(rows => rows.Schedules.Change(schedule), ct);

    public ValueTask<bool> RemoveAsync(string id, CancellationToken ct) => WriteAsync(rows => rows.Schedules.Remove(id), ct);

    public async ValueTask<IReadOnlyList<Submission>> ListOpenAsync(Schedule schedule, string? after, int limit, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return await reading.ReadAsync(rows => rows.Submissions.ListOpen(schedule.Owner, schedule.KeyStart, after, limit), ct).ConfigureAwait(false);
    }

    public async ValueTask<Submission?> FireAsync(ScheduleRun run, Submission transfer, string requestHash, CancellationToken ct)
    {
        Submission? accepted = await WriteAsync(rows => Fire(rows, run, transfer, requestHash), ct).ConfigureAwait(false);
        signal.Raise();
        return accepted;
    }

    public ValueTask<bool> RecordAsync(ScheduleRun run, CancellationToken ct) => WriteAsync(rows => rows.Schedules.Record(run), ct);

    public async ValueTask<IReadOnlyList<ScheduleRun>> ListRunsAsync(string id, Timestamp? before, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.Schedules.Runs(id, before, limit), ct).ConfigureAwait(false);

    private static Submission? Fire(Connection rows, ScheduleRun run, Submission transfer, string requestHash)
    {
        if (!rows.Schedules.IsDue(run))
        {
            return null;
        }

        Submission accepted = rows.Submissions.Receive(transfer) ?? rows.Submissions.Submit(transfer.Id, requestHash, run.At);
        rows.Schedules.Record(run with { Transfer = accepted.Id });
        return accepted;
    }

    private ValueTask<T> WriteAsync<T>(Func<Connection, T> work, CancellationToken ct) => writing.WriteAsync(Survives.PowerFailure, work, ct);
}
