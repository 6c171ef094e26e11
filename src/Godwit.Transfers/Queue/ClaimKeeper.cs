using Godwit.Transfers.Record;

namespace Godwit.Transfers.Queue;

/// <summary>Holds a run's claim on its destination: renews it while the run lives and says when it was lost.</summary>
internal sealed class ClaimKeeper : IAsyncDisposable
{
    private readonly ILedger _ledger;
    private readonly string _id;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;
    private readonly Action<LedgerException?> _lost;

    private ClaimKeeper(ILedger ledger, string id, TimeSpan patience, Action<LedgerException?> lost, TimeProvider time)
    {
        (_ledger, _id, _lost, _time) = (ledger, id, lost, time);
        _renewing = RenewAsync(patience);
    }

    /// <summary>Claims the destination.</summary>
    /// <param name="ledger">Holds the claims.</param>
    /// <param name="transfer">Whose claim it is.</param>
    /// <param name="holder">Who runs it.</param>
    /// <param name="lost">Called when the claim is no longer ours: with null when another run took it over, else with the reason why the
    /// ledger could not be written for so long that another run may.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="ClaimRefusedException">Another run that is alive holds an overlapping claim.</exception>
    public static async Task<ClaimKeeper> ClaimAsync(
        ILedger ledger, TransferRecord transfer, RunHolder holder, Action<LedgerException?> lost, TimeProvider time, CancellationToken ct)
    {
        TransferRecord? other = await ledger.BeginTransferAsync(transfer, holder, ct).ConfigureAwait(false);
        return other is null
            ? new ClaimKeeper(ledger, transfer.Id, holder.Patience, lost, time)
            : throw new ClaimRefusedException(transfer, other);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RenewAsync(TimeSpan patience)
    {
        for (long renewed = _time.GetTimestamp(); ;)
        {
            await Task.Delay(patience / 3, _time, _stop.Token).ConfigureAwait(false);
            try
            {
                if (!await _ledger.RenewAsync(_id, _stop.Token).ConfigureAwait(false))
                {
                    _lost(null);
                    return;
                }

                renewed = _time.GetTimestamp();
            }
            catch (LedgerException e) when (_time.GetElapsedTime(renewed) >= patience)
            {
                _lost(e);
                return;
            }
            catch (LedgerException)
            {
                // It may be writable again a moment later, and nobody takes the claim over before our patience ends.
            }
        }
    }
}

/// <summary>Another run that is alive writes to this destination, or to a part of it.</summary>
public sealed class ClaimRefusedException(TransferRecord wanted, TransferRecord holder) : Exception(
    $"Another run is writing there: transfer {holder.Id} ({holder.Verb} {holder.Source} {holder.Destination}) since {holder.Started}. "
    + $"It overlaps with {wanted.Destination}. Wait for it to end, or stop it.")
{
    /// <summary>The run that holds the claim.</summary>
    public TransferRecord Holder { get; } = holder;
}
