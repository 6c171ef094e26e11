using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>What operators set, in the ledger's own database.</summary>
internal sealed class SqlServiceSettings(Connection writing, Connection reading) : IServiceSettings
{
    public async ValueTask PutAsync(string name, string? text, CancellationToken ct) =>
        await writing.WriteAsync(Survives.PowerFailure, rows => rows.ServiceSettings.Put(name, text), ct).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ServiceSetting>> ListAsync(CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.ServiceSettings.List(), ct).ConfigureAwait(false);
}
