using Godwit.Storage;

namespace Godwit.Transfers.Record.Submissions;

/// <summary>A transfer that a service hands over by itself at planned times.</summary>
/// <param name="Id">Unique, sortable by time of creation.</param>
/// <param name="Name">What its owner calls it; no two of an owner have the same.</param>
/// <param name="Owner">Whose its transfers are.</param>
/// <param name="Project">For which project they are.</param>
/// <param name="Verb">The command: copy.</param>
/// <param name="Source">The source as people read it; no secrets.</param>
/// <param name="Destination">The destination as people read it; no secrets.</param>
/// <param name="Details">Everything else that was asked for, as whoever wrote it reads it back; no secrets.</param>
/// <param name="Made">When it was made.</param>
public sealed record Schedule(
    string Id, string Name, string Owner, string Project, string Verb, string Source, string Destination, string Details, Timestamp Made)
{
    /// <summary>The priority of its transfers: 1 to 5, 5 first.</summary>
    public int Priority { get; init; } = Submission.Priorities.Usual;

    /// <summary>When it fires, as its owner wrote it: five fields of cron.</summary>
    public required string Cron { get; init; }

    /// <summary>The time zone that it is read in, by its name in IANA's database.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>The hours in which its transfers go on, such as <c>22:00-06:00</c>; null for all.</summary>
    public string? Window { get; init; }

    /// <summary>Planned times that passed while no service ran are left out; otherwise there is one run for all of them.</summary>
    public bool SkipsMissed { get; init; }

    /// <summary>Whether it fires.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Planned times up to this one are dealt with.</summary>
    public Timestamp Done { get; init; } = Made;

    /// <summary>The transfer that it began last; null for none.</summary>
    public string? LastTransfer { get; init; }

    /// <summary>What the request keys of its transfers begin with, and of no others.</summary>
    public string KeyStart => $"schedule/{Id}/";

    /// <summary>The request key of its transfer of a planned time.</summary>
    public string KeyOf(Timestamp planned) => KeyStart + planned;
}

/// <summary>What became of a planned time. The numbers are kept in the ledger.</summary>
public enum ScheduleEnd
{
    /// <summary>A transfer was handed over.</summary>
    Started = 1,

    /// <summary>Nothing: the transfer before had not ended.</summary>
    Skipped = 2,

    /// <summary>Nothing: no service ran, and the schedule leaves such times out.</summary>
    Missed = 3,

    /// <summary>Nothing: the order cannot be carried out any more.</summary>
    Refused = 4,
}

/// <summary>A planned time of a schedule that came, or one run that somebody asked for.</summary>
/// <param name="Schedule">The schedule's id.</param>
/// <param name="Planned">The planned time, or when somebody asked; one of each in a schedule.</param>
/// <param name="At">When it was dealt with.</param>
/// <param name="End">What became of it.</param>
public sealed record ScheduleRun(string Schedule, Timestamp Planned, Timestamp At, ScheduleEnd End)
{
    /// <summary>Whether somebody asked for it; then it deals with no planned time.</summary>
    public bool IsByHand { get; init; }

    /// <summary>The transfer that was handed over; null for none.</summary>
    public string? Transfer { get; init; }

    /// <summary>What there is to say of it; null for nothing.</summary>
    public string? Why { get; init; }
}

/// <summary>Which schedules. What is null does not matter.</summary>
public sealed record ScheduleFilter
{
    /// <summary>Of whom.</summary>
    public string? Owner { get; init; }

    /// <summary>For which project.</summary>
    public string? Project { get; init; }

    /// <summary>Of which name.</summary>
    public string? Name { get; init; }
}
