using Godwit.Server.Access;
using Godwit.Server.Engine;
using Godwit.Server.Limits;
using Godwit.Server.Metrics;
using Godwit.Server.Schedules;
using Godwit.Server.Staging;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server;

/// <summary>What the service's interface stands on; whoever starts it brings it.</summary>
public sealed record ServiceParts
{
    /// <summary>The runs and what became of their files.</summary>
    public required ILedger Ledger { get; init; }

    /// <summary>The transfers that were handed over.</summary>
    public required ISubmissions Submissions { get; init; }

    /// <summary>What happened to them.</summary>
    public required IEventJournal Journal { get; init; }

    /// <summary>What is handed over by itself.</summary>
    public required ISchedules Schedules { get; init; }

    /// <summary>Lets schedules fire.</summary>
    public required Timetable Timetable { get; init; }

    /// <summary>Who is asked before files are moved.</summary>
    public required StagingParts Staging { get; init; }

    /// <summary>Who may ask.</summary>
    public required ITokens Tokens { get; init; }

    /// <summary>Who changed what.</summary>
    public required IAuditTrail Audit { get; init; }

    /// <summary>What is told of transfers that ended.</summary>
    public required INotices Notices { get; init; }

    /// <summary>Whether notices go to a target, by its name.</summary>
    public required Func<string, bool> NoticesGoTo { get; init; }

    /// <summary>Called when a notice is to be tried again. Must be quick and must not throw.</summary>
    public required Action LookAtNotices { get; init; }

    /// <summary>Who may ask with a certificate.</summary>
    public required People People { get; init; }

    /// <summary>Which places the transfers of each project may use.</summary>
    public required Projects Projects { get; init; }

    /// <summary>What endpoints and links may take.</summary>
    public required LimitBook Limits { get; init; }

    /// <summary>What the service measures of itself.</summary>
    public required ServiceMetrics Metrics { get; init; }

    /// <summary>Reads orders.</summary>
    public required IEngine Engine { get; init; }

    /// <summary>Called when a transfer is different in the ledger: after it was accepted, cancelled, paused, resumed, retried, or given a priority. Must be
    /// quick and must not throw.</summary>
    public required Action<string> Look { get; init; }

    /// <summary>The counts of the run of a transfer that is carried out, by the transfer's id; null where it is not.</summary>
    public required Func<string, TransferTotals?> TotalsOf { get; init; }

    /// <summary>Why the service cannot take transfers now; null when it can.</summary>
    public required Func<string?> NotReady { get; init; }

    /// <summary>Why the ledger cannot be written; null when it can, or where nobody knows.</summary>
    public Func<CancellationToken, ValueTask<string?>> WhyNotWrittenAsync { get; init; } = _ => ValueTask.FromResult<string?>(null);

    /// <summary>Takes a sentence about a fault of the program itself.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The program's version.</summary>
    public required string Version { get; init; }
}
