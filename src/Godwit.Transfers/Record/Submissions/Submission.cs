using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Transfers.Record.Submissions;

/// <summary>A transfer that was handed to a service, as the ledger keeps it. Each time that it is carried out is a run, with an id of its own.</summary>
/// <param name="Id">Unique, sortable by time of creation.</param>
/// <param name="Owner">Who handed it over.</param>
/// <param name="Project">For which project.</param>
/// <param name="Verb">The command: copy, sync, move.</param>
/// <param name="Source">The source as people read it; no secrets.</param>
/// <param name="Destination">The destination as people read it; no secrets.</param>
/// <param name="Details">Everything else that was asked for, as whoever wrote it reads it back; no secrets.</param>
/// <param name="Made">When it came.</param>
public sealed record Submission(
    string Id, string Owner, string Project, string Verb, string Source, string Destination, string Details, Timestamp Made)
{
    /// <summary>The lowest and the highest priority, and that of whoever asks for none.</summary>
    public static (int Lowest, int Highest, int Usual) Priorities { get; } = (1, 5, 3);

    /// <summary>Its turn among others of the same project: 1 to 5, 5 first.</summary>
    public int Priority { get; init; } = Priorities.Usual;

    /// <summary>What the owner calls the request, so that the same one is not carried out twice; null where he calls it nothing.</summary>
    public string? RequestKey { get; init; }

    /// <summary>What tells the same request from another one of the same key; null while it is received.</summary>
    public string? RequestHash { get; init; }

    /// <summary>Where it stands; null while its files are still received.</summary>
    public TransferState? State { get; init; }

    /// <summary>Which round it is in: the first is 1, each retry begins another.</summary>
    public int Round { get; init; } = 1;

    /// <summary>Files that it names; zero where it names none and means a whole tree.</summary>
    public long Files { get; init; }

    /// <summary>Why it entered its state, where there is more to say; null otherwise.</summary>
    public string? Why { get; init; }

    /// <summary>Whether and why nothing of it begins; null when it is not paused.</summary>
    public SubmissionPause? Pause { get; init; }

    /// <summary>When somebody asked to cancel it; null when nobody did.</summary>
    public Timestamp? CancelAsked { get; init; }

    /// <summary>When it was resumed last, so that the time for which it was paused does not count as waiting; null where it was not since it entered its
    /// state.</summary>
    public Timestamp? WaitingSince { get; init; }
}

/// <summary>Somebody wants a transfer to wait.</summary>
/// <param name="Since">Since when.</param>
/// <param name="By">Who wants it.</param>
/// <param name="Message">What he says to its owner; may be empty.</param>
public sealed record SubmissionPause(Timestamp Since, string By, string Message);

/// <summary>A state that was entered.</summary>
/// <param name="Round">In which round.</param>
/// <param name="State">The state.</param>
/// <param name="Entered">When.</param>
public sealed record SubmissionStep(int Round, TransferState State, Timestamp Entered);

/// <summary>A run that carried out a transfer, or a part of it.</summary>
/// <param name="Round">In which round.</param>
/// <param name="RunId">Its id in the ledger of runs.</param>
public sealed record SubmissionRun(int Round, string RunId);

/// <summary>Which transfers are listed. What is null does not matter.</summary>
public sealed record SubmissionFilter
{
    /// <summary>Of whom.</summary>
    public string? Owner { get; init; }

    /// <summary>For which project.</summary>
    public string? Project { get; init; }

    /// <summary>In which state.</summary>
    public TransferState? State { get; init; }
}

/// <summary>Two files of one transfer that cannot both be.</summary>
/// <param name="File">The file.</param>
/// <param name="Below">Another one, whose destination lies below that of the first.</param>
public sealed record FilesInTheWay(ListedFile File, ListedFile Below);
