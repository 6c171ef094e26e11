using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Transfers.Record;

/// <summary>Schedules with one fault planted in them.</summary>
internal sealed class FaultySchedules(ISchedules inner) : ISchedules
{
    public Func<Schedule, Schedule> Found { get; init; } = one => one;

    public Func<Schedule, Schedule> Changing { get; init; } = one => one;

    public Func<ScheduleRun, ScheduleRun> Firing { get; init; } = run => run;

    public Func<ScheduleRun, ScheduleRun> Recording { get; init; } = run => run;

    public bool KeepsAll { get; init; }

    public bool FindsTheLastAlone { get; init; }

    public ValueTask<bool> AddAsync(Schedule schedule, CancellationToken ct) => inner.AddAsync(schedule, ct);

    public async ValueTask<Schedule?> FindAsync(string id, CancellationToken ct) => await inner.FindAsync(id, ct) is { } found ? Found(found) : null;

    public ValueTask<IReadOnlyList<Schedule>> ListAsync(ScheduleFilter filter, string? after, int limit, CancellationToken ct) =>
        inner.ListAsync(filter, after, limit, ct);

    public ValueTask<bool> ChangeAsync(Schedule schedule, CancellationToken ct) => inner.ChangeAsync(Changing(schedule), ct);

    public ValueTask<bool> RemoveAsync(string id, CancellationToken ct) => KeepsAll ? ValueTask.FromResult(true) : inner.RemoveAsync(id, ct);

    public async ValueTask<IReadOnlyList<Submission>> ListOpenAsync(Schedule schedule, string? after, int limit, CancellationToken ct)
    {
        IReadOnlyList<Submission> found = await inner.ListOpenAsync(schedule, after, limit, ct);
        return FindsTheLastAlone ? [.. found.TakeLast(1)] : found;
    }

    public ValueTask<Submission?> FireAsync(ScheduleRun run, Submission transfer, string requestHash, CancellationToken ct) =>
        inner.FireAsync(Firing(run), transfer, requestHash, ct);

    public ValueTask<bool> RecordAsync(ScheduleRun run, CancellationToken ct) => inner.RecordAsync(Recording(run), ct);

    public ValueTask<IReadOnlyList<ScheduleRun>> ListRunsAsync(string id, Timestamp? before, int limit, CancellationToken ct) => inner.ListRunsAsync(id, before, limit, ct);
}
