using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.HostileTrees;

/// <summary>A tree that is hard to move, and everything that is expected of the run that moves it.</summary>
/// <param name="Name">What makes it hard, in a few words; also the name of the test.</param>
/// <param name="Make">Makes it.</param>
/// <param name="Code">The exit code of the first run.</param>
internal sealed record HostileTree(string Name, Action<Ground> Make, int Code = 0)
{
    /// <summary>Options of the command.</summary>
    public string Options { get; init; } = "";

    /// <summary>The two ends, where they are not the source's and the destination's directory; below the ground's root.</summary>
    public (string From, string To) Ends { get; init; } = ("src", "dst");

    /// <summary>What is expected of each path. Where <see cref="AllArrive"/> is set, only of those that differ.</summary>
    public Outcome[] Outcomes { get; init; } = [];

    /// <summary>Whether every regular file of the source that <see cref="Outcomes"/> does not name is delivered.</summary>
    public bool AllArrive { get; init; }

    public long LinksSkipped { get; init; }

    public long SpecialSkipped { get; init; }

    public long NotAttempted { get; init; }

    /// <summary>What is there, where the table can show it.</summary>
    public string[] Shown { get; init; } = [];

    /// <summary>Whether what the files' times are is part of the case; otherwise they are all set to long ago.</summary>
    public bool KeepsTimes { get; init; }

    /// <summary>Directories of the source that the destination does not get.</summary>
    public string[] KeepsDirectories { get; init; } = [];

    /// <summary>What somebody else put at the destination meanwhile, and what has to be there still.</summary>
    public (string Path, string Content)[] Strangers { get; init; } = [];

    /// <summary>Links that only the second run finds and skips.</summary>
    public long SkippedAgain { get; init; }

    /// <summary>What happens to the tree while the run is under way.</summary>
    public Meanwhile? Meanwhile { get; init; }

    /// <summary>The side that is reached as a user without special rights.</summary>
    public StoreSide AsUser { get; init; }

    /// <summary>What is said where the command is refused before anything moves; null where it runs.</summary>
    public string? Refused { get; init; }

    /// <summary>What somebody does before the second run.</summary>
    public (string What, Action<Ground> Do)? Repair { get; init; }

    /// <summary>What the same command does a second time.</summary>
    public Again Again { get; init; }

    /// <summary>What else has to hold after the first run.</summary>
    public Func<Ground, Task>? Also { get; init; }

    /// <summary>The outcome in the table's words.</summary>
    public string Expected()
    {
        if (Refused is not null)
        {
            return $"refused: \"{Refused}\"";
        }

        Outcome[] delivered = [.. Outcomes.Where(outcome => outcome.Kind == "delivered")];
        string[] parts =
        [
            .. AllArrive ? [Outcomes.Length == 0 ? "every file delivered" : "every other file delivered"] : Array.Empty<string>(),
            .. delivered.Length switch
            {
                0 => Array.Empty<string>(),
                > 4 => [$"{delivered.Length} files delivered"],
                _ when Meanwhile is not null && delivered[0].Content is not null => [$"{Listed(delivered)} delivered as it was read"],
                _ => [$"{Listed(delivered)} delivered"],
            },
            .. Outcomes.Where(outcome => outcome.Kind != "delivered").GroupBy(outcome => outcome.Told())
                .Select(group => $"{Listed([.. group])} {group.Key}"),
            .. Counted(LinksSkipped, "link skipped", "links skipped"),
            .. Counted(SpecialSkipped, "special file skipped", "special files skipped"),
            .. Counted(NotAttempted, "file not attempted", "files not attempted"),
        ];
        return parts.Length == 0 ? "no file to deliver; directories made" : string.Join("; ", parts);
    }

    public override string ToString() => Name;

    private static string Listed(Outcome[] outcomes) => string.Join(", ", outcomes.Select(outcome => $"`{outcome.Path}`"));

    private static string[] Counted(long count, string one, string many) => count == 0 ? [] : [$"{count} {(count == 1 ? one : many)}"];
}

/// <summary>What becomes of one path.</summary>
/// <param name="Path">The path below the source, as <see cref="PathText.Escape"/> writes it.</param>
/// <param name="Kind"><c>delivered</c>, <c>link made</c>, or the word of the failure.</param>
/// <param name="Side">Whose failure it is.</param>
/// <param name="Content">What is delivered, where it is not what the source holds after the run.</param>
internal sealed record Outcome(string Path, string Kind, StoreSide Side, string? Content)
{
    public static Outcome Delivered(string path, string? content = null) => new(path, "delivered", StoreSide.Unknown, content);

    public static Outcome LinkMade(string path) => new(path, "link made", StoreSide.Unknown, null);

    public static Outcome Failed(string path, string kind, StoreSide side) => new(path, kind, side, null);

    public bool HasFailed => Side != StoreSide.Unknown;

    /// <summary>As the table says it.</summary>
    public string Told() => HasFailed ? $"failed: `{Kind}`, {Word(Side)}" : "made as a link";

    public static string Word(StoreSide side) => side == StoreSide.Source ? "source" : "destination";
}

/// <summary>What happens at a precise moment of the run.</summary>
/// <param name="When">The moment in words.</param>
/// <param name="Side">At which store.</param>
/// <param name="Verb">Around which call.</param>
/// <param name="Moment">Before or after it.</param>
/// <param name="Time">At which of those calls, from 1; 0 is each.</param>
/// <param name="Do">What happens.</param>
internal sealed record Meanwhile(string When, StoreSide Side, StoreVerb Verb, CallMoment Moment, int Time, Action<Ground> Do);

/// <summary>What a second run of the same command finds.</summary>
internal enum Again
{
    /// <summary>Nothing to do, exit 0.</summary>
    NothingToDo = 0,

    /// <summary>The same failures, the same exit code.</summary>
    TheSame,

    /// <summary>What was left; exit 0, and every file of the source is there.</summary>
    Finishes,
}
