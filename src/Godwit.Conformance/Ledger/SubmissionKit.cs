using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Conformance.Ledger;

/// <summary>Submissions that are open, and whom to close with them.</summary>
/// <param name="Submissions">Under test.</param>
/// <param name="Owner">Closed when the check is over.</param>
public sealed record OpenedSubmissions(ISubmissions Submissions, IAsyncDisposable Owner) : IAsyncDisposable
{
    /// <summary>The runs, in the same place.</summary>
    public required ILedger Ledger { get; init; }

    /// <summary>The journal, in the same place.</summary>
    public required IEventJournal Journal { get; init; }

    /// <summary>The tokens, in the same place.</summary>
    public required ITokens Tokens { get; init; }

    /// <summary>What operators set, in the same place.</summary>
    public required IServiceSettings Settings { get; init; }

    /// <summary>The audit trail, in the same place.</summary>
    public required IAuditTrail Audit { get; init; }

    /// <summary>The schedules, in the same place.</summary>
    public required ISchedules Schedules { get; init; }

    /// <summary>What is told of transfers that ended, in the same place.</summary>
    public required INotices Notices { get; init; }

    /// <summary>Who was asked to make transfers ready, in the same place.</summary>
    public required ICallOuts CallOuts { get; init; }

    /// <summary>What forgets what is long over, in the same place.</summary>
    public required IHousekeeping Housekeeping { get; init; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Owner.DisposeAsync();
}

/// <summary>Opens the submissions under test at one place, which is empty at first; several may be open at once, as several processes have it.</summary>
public delegate ValueTask<OpenedSubmissions> OpenSubmissions();

/// <summary>One sentence of the contract of <see cref="ISubmissions"/>, and the code that proves it.</summary>
/// <param name="Says">The sentence.</param>
/// <param name="ProveAsync">Proves it on a fresh place; throws <see cref="LedgerCheckException"/> when it does not hold.</param>
public sealed record SubmissionCheck(string Says, Func<OpenSubmissions, Task> ProveAsync);

/// <summary>Every sentence of the contract. The same list for every database.</summary>
public static class SubmissionKit
{
    /// <summary>All sentences.</summary>
    public static IReadOnlyList<SubmissionCheck> Checks { get; } =
        [.. ReceivingChecks.All, .. SubmissionStateChecks.All, .. FileStateChecks.All, .. JournalChecks.All, .. TokenChecks.All, .. SettingChecks.All,
            .. AuditChecks.All, .. ScheduleChecks.All, .. NoticeChecks.All, .. CallOutChecks.All, .. CallOutReleaseChecks.All, .. HousekeepingChecks.All];
}
