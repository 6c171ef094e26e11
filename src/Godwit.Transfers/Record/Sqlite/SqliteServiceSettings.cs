using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>What operators set, in the ledger's own file.</summary>
internal sealed class SqliteServiceSettings(Connection writing, Connection reading) : IServiceSettings
{
    public async ValueTask PutAsync(string name, string? text, CancellationToken ct) =>
        await writing.WriteAsync(Survives.PowerFailure, rows => rows.ServiceSettings.Put(name, text), ct).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ServiceSetting>> ListAsync(CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.ServiceSettings.List(), ct).ConfigureAwait(false);
}

/// <summary>The rows of settings.</summary>
internal sealed class ServiceSettingRows(Database database)
{
    public bool Put(string name, string? text) => text is null
        ? database.Sql("DELETE FROM service_setting WHERE name = ?").Bind(name).Run() > 0
        : database.Sql("INSERT OR REPLACE INTO service_setting VALUES (?, ?)").Bind(name).Bind(text).Run() > 0;

    public List<ServiceSetting> List() =>
        database.Sql("SELECT name, text FROM service_setting ORDER BY name").Select(row => new ServiceSetting(row.Text(), row.Text()));
}
