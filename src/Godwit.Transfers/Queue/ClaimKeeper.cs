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
    private readonly Action _lost;

    private ClaimKeeper(ILedger ledger, string id, TimeSpan patience, Action lost, TimeProvider time)
    {
        (_ledger, _id, _lost, _time) = (ledger, id, lost, time);
        _renewing = RenewAsync(patience / 3);
    }

    /// <summary>Claims the destination.</summary>
    /// <exception cref="ClaimRefusedException">Another run that is alive holds an overlapping claim.</exception>
    public static async Task<ClaimKeeper> ClaimAsync(
        ILedger ledger, TransferRecord transfer, RunHolder holder, Action lost, TimeProvider time, CancellationToken ct)
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

    private async Task RenewAsync(TimeSpan every)
    {
        while (true)
        {
            await Task.Delay(every, _time, _stop.Token).ConfigureAwait(false);
            if (!await StillOursAsync().ConfigureAwait(false))
            {
                _lost();
                return;
            }
        }
    }

    private async Task<bool> StillOursAsync()
    {
        try
        {
            return await _ledger.RenewAsync(_id, _stop.Token).ConfigureAwait(false);
        }
        catch (LedgerException)
        {
            // A ledger that cannot be written now may be a moment later; the next receipt tells for certain.
            return true;
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
