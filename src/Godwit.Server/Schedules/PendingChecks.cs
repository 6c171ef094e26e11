using Godwit.Server.Engine;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Schedules;

/// <summary>Reads the orders of schedules, each within a time: a mount that hangs under one, or a slow name server, holds up no other. Called by one at a time.</summary>
/// <param name="check">Reads orders.</param>
/// <param name="limit">How long one may take.</param>
/// <param name="time">The clock.</param>
internal sealed class PendingChecks(CheckOrder check, TimeSpan limit, TimeProvider time)
{
    private readonly Dictionary<string, Pending> _pending = [];

    /// <summary>Begins to read a schedule's order, unless that goes on. Those that are begun together are waited for together.</summary>
    public void Begin(Schedule schedule)
    {
        if (!_pending.TryGetValue(schedule.Id, out Pending? before) || before.Reading.IsCompleted)
        {
            // Looking at a path of this machine may block, and not only take its time.
            Task<CheckedTransfer> reading = Task.Run(() => ReadAsync(schedule), CancellationToken.None);
            _pending[schedule.Id] = new Pending(reading, time.GetTimestamp());
        }
    }

    /// <summary>What a schedule's order means.</summary>
    /// <returns>Null where that took too long; it goes on, and is not begun again until it ends.</returns>
    public async ValueTask<CheckedTransfer?> ResultAsync(Schedule schedule, CancellationToken ct)
    {
        if (!_pending.ContainsKey(schedule.Id))
        {
            Begin(schedule);
        }

        Pending pending = _pending[schedule.Id];
        TimeSpan left = limit - time.GetElapsedTime(pending.Began);
        try
        {
            CheckedTransfer read = await pending.Reading.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, ct).ConfigureAwait(false);
            _pending.Remove(schedule.Id);
            return read;
        }
        catch (TimeoutException) when (!pending.Reading.IsCompleted)
        {
            return null;
        }
        catch when (pending.Reading.IsCompleted)
        {
            _pending.Remove(schedule.Id);
            throw;
        }
    }

    private async Task<CheckedTransfer> ReadAsync(Schedule schedule)
    {
        (TransferOrder order, CheckedOrder read, IReadOnlyList<OrderFault> faults) =
            await check.CheckAsync(TransferOrder.Of(schedule), schedule.Project, CancellationToken.None).ConfigureAwait(false);
        return new CheckedTransfer(order, read, faults);
    }

    private sealed record Pending(Task<CheckedTransfer> Reading, long Began);
}

/// <summary>What the order of a schedule means.</summary>
/// <param name="Order">The order, as it is handed over.</param>
/// <param name="Read">Its places.</param>
/// <param name="Faults">What is wrong with it.</param>
internal sealed record CheckedTransfer(TransferOrder Order, CheckedOrder Read, IReadOnlyList<OrderFault> Faults);
