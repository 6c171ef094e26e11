using Godwit.Storage;

namespace Godwit.Transfers.Record.Submissions;

/// <summary>What somebody is asked to make ready.</summary>
public enum CallStage
{
    /// <summary>The source: brought from where it cannot be read, such as tape, to where it can.</summary>
    Stage = 1,

    /// <summary>What is to be moved, once it can be read: checked, packed, calibrated.</summary>
    Prepare,
}

/// <summary>Somebody who is to be asked, before it is written down.</summary>
/// <param name="Id">Unique, and not to be guessed from others.</param>
/// <param name="Submission">The transfer.</param>
/// <param name="Round">Its round.</param>
/// <param name="Stage">For what.</param>
/// <param name="Of">Who, by his name in the configuration.</param>
/// <param name="Made">When it was written down.</param>
/// <param name="Deadline">Until when an answer counts.</param>
public sealed record NewCallOut(string Id, string Submission, int Round, CallStage Stage, string Of, Timestamp Made, Timestamp Deadline);

/// <summary>Somebody who is asked, and how far that is.</summary>
/// <param name="What">What is asked.</param>
public sealed record CallOut(NewCallOut What)
{
    /// <summary>How often he was asked until it was acknowledged.</summary>
    public int Tries { get; init; }

    /// <summary>The hash of the code that an answer needs; null where he was not asked yet.</summary>
    public string? CodeHash { get; init; }

    /// <summary>When it was acknowledged; null where it was not.</summary>
    public Timestamp? Acknowledged { get; init; }

    /// <summary>What was wrong the last time that he was asked; null for nothing.</summary>
    public string? Fault { get; init; }

    /// <summary>His answer; null where there is none yet.</summary>
    public CallAnswer? Answer { get; init; }

    /// <summary>When he was told that it is needed no more; null where he was not.</summary>
    public Timestamp? Released { get; init; }

    /// <summary>What was wrong when he was to be told; null for nothing.</summary>
    public string? ReleaseFault { get; init; }
}

/// <summary>What somebody answers who was asked.</summary>
/// <param name="At">When.</param>
/// <param name="IsSuccess">Whether it is ready.</param>
/// <param name="Message">What he says of it; empty for nothing.</param>
public sealed record CallAnswer(Timestamp At, bool IsSuccess, string Message)
{
    /// <summary>Where the source is to be read, where that is not what the transfer says; null for that.</summary>
    public string? Source { get; init; }

    /// <summary>The name of its endpoint; null where there is no other source.</summary>
    public string? Endpoint { get; init; }
}

/// <summary>What became of an answer.</summary>
public enum AnswerTaken
{
    /// <summary>It is written down.</summary>
    Taken = 0,

    /// <summary>The same was written down before: moments and messages may differ.</summary>
    Repeated,

    /// <summary>Another answer was written down before.</summary>
    Differs,

    /// <summary>The transfer is not in that stage any more, or the time is used up.</summary>
    TooLate,

    /// <summary>There is no such call-out, or the code is not its.</summary>
    Unknown,
}

/// <summary>What became of one try to tell somebody that it is needed no more.</summary>
/// <param name="At">When.</param>
/// <param name="Fault">What was wrong; null where he was told.</param>
/// <param name="Next">When it is tried again; null where he was told, or it is given up.</param>
public sealed record ReleaseTry(Timestamp At, string? Fault, Timestamp? Next);
