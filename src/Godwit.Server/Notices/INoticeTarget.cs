namespace Godwit.Server.Notices;

/// <summary>Somebody who is told of transfers that ended.</summary>
public interface INoticeTarget
{
    /// <summary>By what the ledger and people know him; no secrets.</summary>
    string Name { get; }

    /// <summary>Tells him, once. A fault of the way or of him is an answer, no exception.</summary>
    /// <param name="ended">What is told.</param>
    /// <param name="ct">Ends the try.</param>
    /// <exception cref="OperationCanceledException">The try was ended; he may have been told.</exception>
    Task<NoticeReply> TellAsync(EndedTransfer ended, CancellationToken ct);
}

/// <summary>What came of a try.</summary>
/// <param name="Fault">What was wrong, a sentence without secrets; null where he took it.</param>
public sealed record NoticeReply(string? Fault)
{
    /// <summary>He took it.</summary>
    public static NoticeReply Taken { get; } = new((string?)null);

    /// <summary>He says that he wants it never; it is given up at once.</summary>
    public bool IsGone { get; init; }

    /// <summary>He refuses it, and would likely refuse it again; it is given up after a few tries.</summary>
    public bool IsRefused { get; init; }

    /// <summary>How long he wants to be left alone; null where he says nothing of it.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
