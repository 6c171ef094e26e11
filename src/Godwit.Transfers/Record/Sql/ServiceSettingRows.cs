using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The rows of settings.</summary>
internal sealed class ServiceSettingRows(Database database)
{
    public bool Put(string name, string? text) => text is null
        ? database.Sql("DELETE FROM service_setting WHERE name = ?").Bind(name).Run() > 0
        : database.Sql("INSERT INTO service_setting (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text").Bind(name).Bind(text).Run() > 0;

    public List<ServiceSetting> List() =>
        database.Sql("SELECT name, text FROM service_setting ORDER BY name").Select(row => new ServiceSetting(row.Text(), row.Text()));
}
