using Godwit.Transfers.Record.Access;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Who changed what of a service.</summary>
internal sealed class AuditRows(Database database)
{
    public bool Append(IReadOnlyList<AuditEntry> entries)
    {
        foreach (AuditEntry entry in entries)
        {
            database.Sql("INSERT INTO audit (at, subject, credential, origin, action, target, status, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
                .Bind(entry.At).Bind(entry.Subject).Bind(entry.Credential).Bind(entry.Origin).Bind(entry.Action).Bind(entry.Target).Bind(entry.Status)
                .Bind(entry.Detail).Run();
        }

        return true;
    }

    public List<AuditEntry> List(long? before, int limit) => database
        .Sql("SELECT number, at, subject, credential, origin, action, target, status, detail FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?")
        .Bind(before ?? long.MaxValue).Bind(limit).Select(Read);

    private static AuditEntry Read(Statement row)
    {
        long number = row.Long();
        return new AuditEntry(row.Time(), row.Text(), row.Text(), row.Text(), row.Text(), row.Text(), (int)row.Long()) { Number = number, Detail = row.TextOrNull() };
    }
}
