using Godwit.Storage;

namespace Godwit.Transfers.Record.Access;

/// <summary>Who changed what of a service, and who was refused. Entries are only ever added.</summary>
/// <remarks>As in <see cref="ILedger"/>, a call that returns is durable and is one transaction; failures are <see cref="LedgerException"/>.</remarks>
public interface IAuditTrail
{
    /// <summary>Writes entries down, in order. Their numbers are given here.</summary>
    ValueTask AppendAsync(IReadOnlyList<AuditEntry> entries, CancellationToken ct);

    /// <summary>Entries, newest first.</summary>
    /// <param name="before">The number of the last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<AuditEntry>> ListAsync(long? before, int limit, CancellationToken ct);
}

/// <summary>One request that changed something, or that was refused.</summary>
/// <param name="At">When it was answered.</param>
/// <param name="Subject">Who asked; empty where nobody is known.</param>
/// <param name="Credential">By what he is known: the id of a token, or the name of a certificate.</param>
/// <param name="Origin">The address that it came from.</param>
/// <param name="Action">What was asked: the name of an endpoint of the interface.</param>
/// <param name="Target">Of what: the id of a transfer, a token or a notice, or an endpoint's name; empty for none.</param>
/// <param name="Status">How it was answered, as HTTP numbers it.</param>
public sealed record AuditEntry(Timestamp At, string Subject, string Credential, string Origin, string Action, string Target, int Status)
{
    /// <summary>Its number; 0 before it is written down.</summary>
    public long Number { get; init; }

    /// <summary>What there is to say besides; null for nothing.</summary>
    public string? Detail { get; init; }
}
