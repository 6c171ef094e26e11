using Godwit.Transfers.Record;

namespace Godwit.Conformance.Ledger;

/// <summary>Opens the ledger under test at one place, which is empty at first. Opened again, it is the same place; several may be open at
/// once, as several processes have it.</summary>
/// <param name="time">The clock that the ledger shall use.</param>
public delegate ValueTask<ILedger> OpenLedger(TimeProvider time);

/// <summary>One sentence of the ledger's contract, and the code that proves it.</summary>
/// <param name="Says">The sentence.</param>
/// <param name="ProveAsync">Proves it on a fresh place; throws <see cref="LedgerCheckException"/> when it does not hold.</param>
public sealed record LedgerCheck(string Says, Func<OpenLedger, Task> ProveAsync);

/// <summary>A sentence of the ledger's contract does not hold.</summary>
public sealed class LedgerCheckException(string message) : Exception(message);

/// <summary>Every sentence of the ledger's contract. The same list for every ledger.</summary>
public static class LedgerKit
{
    /// <summary>All sentences.</summary>
    public static IReadOnlyList<LedgerCheck> Checks { get; } =
        [.. ClaimChecks.All, .. TransferChecks.All, .. FileChecks.All, .. ReceiptChecks.All, .. MarkChecks.All, .. PlaceChecks.All, .. AttemptChecks.All, .. CallChecks.All];
}
