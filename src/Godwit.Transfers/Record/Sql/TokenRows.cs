using Godwit.Storage;
using Godwit.Transfers.Record.Access;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The tokens that a service takes.</summary>
internal sealed class TokenRows(Database database)
{
    private const string Columns = "SELECT id, hash, subject, project, roles, made, expires, revoked FROM token";

    public bool Add(Token token)
    {
        int added = database
            .Sql("""
                INSERT INTO token (id, hash, subject, project, roles, made, expires, revoked) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                """)
            .Bind(token.Id).Bind(token.Hash).Bind(token.Subject).Bind(token.Project).Bind((long)token.Roles).Bind(token.Made)
            .Bind(token.Expires?.Nanoseconds).Bind(token.Revoked?.Nanoseconds).Run();
        return added > 0 ? true : throw new LedgerException($"The ledger {database.Name} has a token {token.Id} already.");
    }

    public Token? Find(string id) => database.Sql(Columns + " WHERE id = ?").Bind(id).Select(Read) is [{ } found, ..] ? found : null;

    public List<Token> List(string? after, int limit) =>
        database.Sql(Columns + " WHERE id > ? ORDER BY id LIMIT ?").Bind(after ?? "").Bind(limit).Select(Read);

    public bool Revoke(string id, Timestamp when) =>
        database.Sql("UPDATE token SET revoked = coalesce(revoked, ?) WHERE id = ?").Bind(when).Bind(id).Run() > 0;

    private static Token Read(Statement row) =>
        new(row.Text(), row.Text(), row.Text(), row.Text(), (TokenRoles)row.Long(), row.Time())
        {
            Expires = row.LongOrNull() is { } expires ? new Timestamp(expires) : null,
            Revoked = row.LongOrNull() is { } revoked ? new Timestamp(revoked) : null,
        };
}
