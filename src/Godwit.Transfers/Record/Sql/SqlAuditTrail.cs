using Godwit.Transfers.Record.Access;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The audit trail in the ledger's own database.</summary>
internal sealed class SqlAuditTrail(Connection writing, Connection reading) : IAuditTrail
{
    public async ValueTask AppendAsync(IReadOnlyList<AuditEntry> entries, CancellationToken ct) =>
        await writing.WriteAsync(Survives.PowerFailure, rows => rows.Audit.Append(entries), ct).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<AuditEntry>> ListAsync(long? before, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.Audit.List(before, limit), ct).ConfigureAwait(false);
}
