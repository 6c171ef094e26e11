using Godwit.Storage;
using Godwit.Transfers.Record.Access;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The tokens in the ledger's own database.</summary>
internal sealed class SqlTokens(Connection writing, Connection reading) : ITokens
{
    public async ValueTask AddAsync(Token token, CancellationToken ct) =>
        await writing.WriteAsync(Survives.PowerFailure, rows => rows.Tokens.Add(token), ct).ConfigureAwait(false);

    public ValueTask<Token?> FindAsync(string id, CancellationToken ct) => reading.ReadAsync(rows => rows.Tokens.Find(id), ct);

    public async ValueTask<IReadOnlyList<Token>> ListAsync(string? after, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.Tokens.List(after, limit), ct).ConfigureAwait(false);

    public ValueTask<bool> RevokeAsync(string id, Timestamp when, CancellationToken ct) =>
        writing.WriteAsync(Survives.PowerFailure, rows => rows.Tokens.Revoke(id, when), ct);
}
