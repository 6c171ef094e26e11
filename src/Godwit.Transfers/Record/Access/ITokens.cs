using Godwit.Storage;

namespace Godwit.Transfers.Record.Access;

/// <summary>The tokens that a service takes. Their secrets are not in here.</summary>
/// <remarks>As in <see cref="ILedger"/>, a call that returns is durable and is one transaction; failures are <see cref="LedgerException"/>.</remarks>
public interface ITokens
{
    /// <summary>Writes down a token.</summary>
    /// <exception cref="LedgerException">Also: one of that id is there.</exception>
    ValueTask AddAsync(Token token, CancellationToken ct);

    /// <summary>The token of an id, revoked or not; null where there is none.</summary>
    ValueTask<Token?> FindAsync(string id, CancellationToken ct);

    /// <summary>Tokens in the order of their ids.</summary>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<Token>> ListAsync(string? after, int limit, CancellationToken ct);

    /// <summary>Takes a token back. The first moment stays.</summary>
    /// <returns>False where there is none of that id.</returns>
    ValueTask<bool> RevokeAsync(string id, Timestamp when, CancellationToken ct);
}

/// <summary>Who may ask a service, and for what.</summary>
/// <param name="Id">Its name, which is not secret.</param>
/// <param name="Hash">SHA-256 of its secret, in hexadecimal digits of lower case.</param>
/// <param name="Subject">Who it stands for.</param>
/// <param name="Project">For which project; empty for none.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="Made">Since when.</param>
public sealed record Token(string Id, string Hash, string Subject, string Project, TokenRoles Roles, Timestamp Made)
{
    /// <summary>Until when it counts; null for ever.</summary>
    public Timestamp? Expires { get; init; }

    /// <summary>Since when it counts no more; null where it was not taken back.</summary>
    public Timestamp? Revoked { get; init; }
}

/// <summary>What a token may do. The numbers are kept in the ledger.</summary>
[Flags]
public enum TokenRoles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Hands over transfers, and sees and changes its own.</summary>
    Submitter = 1,

    /// <summary>Sees and changes those of its project.</summary>
    Project = 2,

    /// <summary>Sees and changes all.</summary>
    Operator = 4,

    /// <summary>Says that a source or a destination is ready.</summary>
    Stager = 8,

    /// <summary>All that there is.</summary>
    Administrator = 16,
}
