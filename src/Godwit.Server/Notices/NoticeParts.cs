using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Notices;

/// <summary>What notices stand on; whoever starts them brings it.</summary>
public sealed record NoticeParts
{
    /// <summary>What is to be told.</summary>
    public required INotices Notices { get; init; }

    /// <summary>What happened.</summary>
    public required IEventJournal Journal { get; init; }

    /// <summary>The transfers.</summary>
    public required ISubmissions Submissions { get; init; }

    /// <summary>Their runs.</summary>
    public required ILedger Ledger { get; init; }

    /// <summary>When what did not arrive is tried again.</summary>
    public required NoticeSchedule Schedule { get; init; }

    /// <summary>Takes a sentence about what did not arrive and is given up, or about a fault of the ledger.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }
}
