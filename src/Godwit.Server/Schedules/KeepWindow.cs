using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Schedules;

/// <summary>Pauses the transfers that a schedule began when its window closes, and lets them go on when the window opens. What a person paused stays so.</summary>
/// <param name="submissions">The record of transfers.</param>
/// <param name="look">Called when a transfer is different in the ledger.</param>
internal sealed class KeepWindow(ISubmissions submissions, Action<string> look)
{
    /// <summary>Pauses it, lets it go on, or leaves it.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="isOpen">Whether its transfers may go on now.</param>
    /// <param name="transfer">One of its transfers, which has not ended.</param>
    /// <param name="now">The moment.</param>
    /// <param name="ct">Cancels the call.</param>
    public async ValueTask KeepAsync(Schedule schedule, bool isOpen, Submission transfer, DateTimeOffset now, CancellationToken ct)
    {
        // The id, which nobody chooses: the pause of a person who is called like a schedule stays.
        string by = $"schedule {schedule.Name} ({schedule.Id})";
        if (!isOpen && transfer.Pause is null)
        {
            var pause = new SubmissionPause(Timestamp.From(now), by, $"It goes on in the schedule's window, {schedule.Window}, {schedule.Zone}.");
            await submissions.PauseAsync(transfer.Id, pause, ct).ConfigureAwait(false);
            look(transfer.Id);
        }
        else if (isOpen && transfer.Pause?.By == by)
        {
            await submissions.PauseAsync(transfer.Id, null, ct).ConfigureAwait(false);
            look(transfer.Id);
        }
    }
}
