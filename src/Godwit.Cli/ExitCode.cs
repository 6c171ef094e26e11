using Godwit.Cli.Results;
using Godwit.Transfers;

namespace Godwit.Cli;

/// <summary>What the program says to the script that called it. The numbers are rclone's where it has one, because scripts know them.</summary>
internal enum ExitCode
{
    /// <summary>Everything arrived, or there was nothing to do.</summary>
    Success = 0,

    /// <summary>Something else went wrong: a result file could not be written, a check found differences.</summary>
    Other = 1,

    /// <summary>Wrong usage or configuration.</summary>
    Usage = 2,

    /// <summary>The source directory is not there.</summary>
    DirectoryNotFound = 3,

    /// <summary>The source file is not there.</summary>
    FileNotFound = 4,

    /// <summary>Some files failed; a retry may help.</summary>
    FailedRetryable = 5,

    /// <summary>Some files failed; a retry will not help.</summary>
    FailedForGood = 6,

    /// <summary>Not reachable, not authenticated, a guard refused, another run holds the lock.</summary>
    Fatal = 7,

    /// <summary>A transfer limit was reached.</summary>
    LimitReached = 8,

    /// <summary>Nothing to do, where the caller asked to be told.</summary>
    NothingToDo = 9,

    /// <summary>The time budget is used up and there is more to do.</summary>
    TimeUsedUp = 10,

    /// <summary>A clean stop on SIGINT.</summary>
    Interrupted = 130,

    /// <summary>A clean stop on SIGTERM.</summary>
    Terminated = 143,
}

/// <summary>What happened in a run, as far as the exit code depends on it.</summary>
internal sealed record ExitFacts
{
    /// <summary>The command was wrong.</summary>
    public bool Usage { get; init; }

    /// <summary>The run could not begin or could not go on.</summary>
    public bool Fatal { get; init; }

    /// <summary>The signal that stopped it; null when none did.</summary>
    public ExitCode? Signal { get; init; }

    /// <summary>The limit of bytes stopped it.</summary>
    public bool Limit { get; init; }

    /// <summary>The time budget stopped it.</summary>
    public bool TimeUp { get; init; }

    /// <summary>Files that failed or were not begun and may pass on a retry.</summary>
    public long MayPass { get; init; }

    /// <summary>Files that failed and will fail again.</summary>
    public long ForGood { get; init; }

    /// <summary>Something beside the files went wrong.</summary>
    public bool Other { get; init; }

    /// <summary>Nothing was to do, and the caller wants to know.</summary>
    public bool NothingToDo { get; init; }

    /// <summary>The facts of a transfer that ran.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="stopCode">The code of the signal, where one stopped it.</param>
    public static ExitFacts Of(RunEnd end, Func<ExitCode> stopCode) => new()
    {
        Fatal = end.Error is not null || end.Stopped is StopReason.ClaimLost or StopReason.StoreUnusable or StopReason.GuardRefused,
        Signal = end.Stopped == StopReason.Canceled ? stopCode() : null,
        Limit = end.Stopped == StopReason.MaxTransfer,
        TimeUp = end.Stopped == StopReason.TimeBudget,
        MayPass = end.Totals.FailedRetryable + (end.DryRun ? 0 : end.Totals.NotAttempted),
        ForGood = end.Totals.Failed - end.Totals.FailedRetryable,
        Other = end.ListingIncomplete == true && end.Totals.Failed == 0,
    };

    /// <summary>The one code where several hold: the first of 2, 7, 130 or 143, 8, 10, 5, 6, 1, 9.</summary>
    public ExitCode Choose() => this switch
    {
        { Usage: true } => ExitCode.Usage,
        { Fatal: true } => ExitCode.Fatal,
        { Signal: { } signal } => signal,
        { Limit: true } => ExitCode.LimitReached,
        { TimeUp: true } => ExitCode.TimeUsedUp,
        { MayPass: > 0 } => ExitCode.FailedRetryable,
        { ForGood: > 0 } => ExitCode.FailedForGood,
        { Other: true } => ExitCode.Other,
        { NothingToDo: true } => ExitCode.NothingToDo,
        _ => ExitCode.Success,
    };
}
