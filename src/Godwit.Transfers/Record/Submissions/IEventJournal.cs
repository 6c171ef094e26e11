using Godwit.Storage;

namespace Godwit.Transfers.Record.Submissions;

/// <summary>What happened to the transfers that were handed to a service, in the order in which it was written down. Readers go on after the last number that
/// they have seen, after a restart, too.</summary>
/// <remarks>Steps, pauses, priorities and wishes to cancel write their events themselves, in the transaction of <see cref="ISubmissions"/> that is about
/// them.</remarks>
public interface IEventJournal
{
    /// <summary>Completes when something is written by this process after it was read: read it, then a page, and wait where the page is empty. What another
    /// process writes completes nothing.</summary>
    Task Changed { get; }

    /// <summary>Writes down what happened, in order.</summary>
    /// <exception cref="LedgerException">Also: no such transfer was accepted.</exception>
    ValueTask AppendAsync(string id, IReadOnlyList<NewEvent> events, CancellationToken ct);

    /// <summary>The number of the newest event; 0 where there is none.</summary>
    ValueTask<long> LastAsync(CancellationToken ct);

    /// <summary>Events after a number, in order.</summary>
    /// <param name="filter">Of which transfers.</param>
    /// <param name="after">The last number that was seen; 0 for none.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(EventFilter filter, long after, int limit, CancellationToken ct);
}

/// <summary>Something that happened, before it has a number.</summary>
/// <param name="At">When.</param>
/// <param name="Text">One JSON object, as docs/events.md has it.</param>
public sealed record NewEvent(Timestamp At, string Text);

/// <summary>An event of the journal.</summary>
/// <param name="Id">Its number: greater than that of everything before it, and never given again.</param>
/// <param name="Submission">The transfer.</param>
/// <param name="At">When it happened.</param>
/// <param name="Text">One JSON object.</param>
public sealed record JournalEvent(long Id, string Submission, Timestamp At, string Text);

/// <summary>Whose events are read. What is null does not matter.</summary>
public sealed record EventFilter
{
    /// <summary>Of which transfer.</summary>
    public string? Submission { get; init; }

    /// <summary>Of transfers of whom.</summary>
    public string? Owner { get; init; }

    /// <summary>Of transfers for which project.</summary>
    public string? Project { get; init; }
}
