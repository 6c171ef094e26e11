using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Plans;

/// <summary>The first line of a saved plan: what it is a plan of, and what was decided for all of it.</summary>
internal sealed record PlanHeader
{
    /// <summary>The version of the format.</summary>
    public const int Version = 1;

    /// <summary>The command.</summary>
    public required string Verb { get; init; }

    /// <summary>The source, as people read it.</summary>
    public required string Source { get; init; }

    /// <summary>The destination, as people read it.</summary>
    public required string Destination { get; init; }

    /// <summary>When the plan was made.</summary>
    public required Timestamp Made { get; init; }

    /// <summary>When files counted as there already.</summary>
    public required CompareBy Compare { get; init; }

    /// <summary>What happens to links.</summary>
    public required LinkPolicy Links { get; init; }

    /// <summary>Whether nothing is ever replaced.</summary>
    public required bool NoOverwrite { get; init; }

    /// <summary>The guards of a sync, or of a move.</summary>
    public required RemovalPolicy Guards { get; init; }

    /// <summary>Whether a move leaves the directories that it empties.</summary>
    public required bool KeepDirectories { get; init; }

    /// <summary>Where what is replaced or deleted is kept, from the top of the destination's space; null where it is lost.</summary>
    public StorePath? Backup { get; init; }
}
