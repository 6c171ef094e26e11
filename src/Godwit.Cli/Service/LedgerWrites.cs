using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sql;

namespace Godwit.Cli.Service;

/// <summary>Whether a service's ledger can be written: one on a full disk can be read, and takes nothing.</summary>
/// <param name="ledger">The ledger.</param>
/// <param name="time">The clock.</param>
internal sealed class LedgerWrites(SqlLedger ledger, TimeProvider time)
{
    private const string Tried = "written after a fault";

    // Everybody may ask whether the service is ready, and must not have it write all the time.
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private string? _fault;
    private long _tried;

    /// <summary>Why it cannot be written; null when it can. Where it could not be, that is tried: a call that had nothing to change proves nothing.</summary>
    /// <param name="ct">Cancels the call.</param>
    public async ValueTask<string?> WhyNotAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            _fault = ledger.WriteFault ?? _fault;
            if (_fault is null || (_tried != 0 && time.GetElapsedTime(_tried) < s_between))
            {
                return _fault;
            }

            _tried = time.GetTimestamp();
        }

        try
        {
            await ledger.ServiceSettings.PutAsync(Tried, Timestamp.From(time.GetUtcNow()).ToString(), ct).ConfigureAwait(false);
            _fault = null;
        }
        catch (LedgerException e)
        {
            _fault = e.Message;
        }

        return _fault;
    }
}
