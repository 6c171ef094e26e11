using Godwit.Storage;

namespace Godwit.Transfers.Record.Submissions;

/// <summary>Forgets what a service wrote down of what is long over, which would grow for ever. Transfers, their steps and runs, and receipts are kept.</summary>
/// <remarks>As in <see cref="ILedger"/>, failures are <see cref="LedgerException"/>. A call is many short transactions: what was removed before a failure or a
/// cancellation stays removed.</remarks>
public interface IHousekeeping
{
    /// <summary>Removes what is older than a moment: events and call-outs of transfers that ended before it, entries of the audit trail, notices that arrived or were
    /// given up, and what became of planned times.</summary>
    /// <remarks>What stays, however old it is: events that notices have not followed yet, call-outs that wait for their release, and the newest run of each schedule.
    /// No planned time fires again because the note of it was removed.</remarks>
    /// <param name="before">The moment.</param>
    /// <param name="limit">How many are removed at most of each kind; at least 1.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>How many were removed; 0 when nothing is left to remove.</returns>
    ValueTask<int> PruneAsync(Timestamp before, int limit, CancellationToken ct);
}
