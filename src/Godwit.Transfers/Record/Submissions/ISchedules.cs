using Godwit.Storage;

namespace Godwit.Transfers.Record.Submissions;

/// <summary>What a service hands over by itself, and what became of each planned time.</summary>
/// <remarks>As in <see cref="ILedger"/>, a call that returns is durable and is one transaction; failures are <see cref="LedgerException"/>.</remarks>
public interface ISchedules
{
    /// <summary>Writes down a schedule.</summary>
    /// <returns>False where its owner has one of that name; then nothing was written.</returns>
    /// <exception cref="LedgerException">Also: the id is known already.</exception>
    ValueTask<bool> AddAsync(Schedule schedule, CancellationToken ct);

    /// <summary>The schedule of an id; null where there is none.</summary>
    ValueTask<Schedule?> FindAsync(string id, CancellationToken ct);

    /// <summary>Schedules in the order in which they were made.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<Schedule>> ListAsync(ScheduleFilter filter, string? after, int limit, CancellationToken ct);

    /// <summary>Changes when a schedule fires, and with which priority; all else stays. Planned times that were dealt with stay so.</summary>
    /// <param name="schedule">As it is to be; its planned times are dealt with up to <see cref="Schedule.Done"/> at least.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>False where there is none of that id.</returns>
    ValueTask<bool> ChangeAsync(Schedule schedule, CancellationToken ct);

    /// <summary>Forgets a schedule and its runs. The transfers that it began stay.</summary>
    /// <returns>False where there is none of that id.</returns>
    ValueTask<bool> RemoveAsync(string id, CancellationToken ct);

    /// <summary>The transfers that a schedule began and that have not ended, in the order of their request keys: those that its owner has of keys which begin with
    /// <see cref="Schedule.KeyStart"/>. What it takes to find them does not grow with those that have ended.</summary>
    /// <param name="schedule">Which schedule; it need not be there any more.</param>
    /// <param name="after">The request key of the last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<Submission>> ListOpenAsync(Schedule schedule, string? after, int limit, CancellationToken ct);

    /// <summary>Deals with a planned time by handing a transfer over, both or neither: it is accepted as by <see cref="ISubmissions.ReceiveAsync"/> and
    /// <see cref="ISubmissions.SubmitAsync"/>. However often a planned time is dealt with, and whenever the service dies, it is done once.</summary>
    /// <param name="run">Of which schedule and when; its transfer is the one that is handed over.</param>
    /// <param name="transfer">The transfer, which names no files. Where its owner has one of its request key, that is the one.</param>
    /// <param name="requestHash">What tells its request from another one of the same key.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>The transfer; null where the planned time was dealt with already or there is no such schedule. Then nothing was written.</returns>
    ValueTask<Submission?> FireAsync(ScheduleRun run, Submission transfer, string requestHash, CancellationToken ct);

    /// <summary>Deals with a planned time at which nothing is handed over.</summary>
    /// <returns>False where it was dealt with already, or there is no such schedule; then nothing was written.</returns>
    ValueTask<bool> RecordAsync(ScheduleRun run, CancellationToken ct);

    /// <summary>What became of planned times, the newest first.</summary>
    /// <param name="id">The schedule; nothing where there is none.</param>
    /// <param name="before">The planned time of the last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<ScheduleRun>> ListRunsAsync(string id, Timestamp? before, int limit, CancellationToken ct);
}
