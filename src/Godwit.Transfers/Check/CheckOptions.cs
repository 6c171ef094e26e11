using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.Transfers.Check;

/// <summary>How two trees are compared.</summary>
public sealed record CheckOptions
{
    /// <summary>What is compared: length and time, length, or every byte.</summary>
    /// <value>Length and time, as for copying; what <c>exists</c>, <c>ledger</c> and <c>always</c> ask is not a comparison.</value>
    public CompareBy Compare { get; init; }

    /// <summary>Whether bytes are always read, even where both stores tell a checksum that they computed themselves.</summary>
    public bool Download { get; init; }

    /// <summary>Whether what only the destination has is passed over.</summary>
    public bool OneWay { get; init; }

    /// <summary>Which files are compared, on both sides.</summary>
    public EntryFilter Filter { get; init; } = EntryFilter.All;

    /// <summary>Links: passed over, or compared by where they point.</summary>
    public LinkPolicy Links { get; init; }

    /// <summary>Files whose bytes are compared at once.</summary>
    /// <value>4: each holds two blocks of 4 MiB.</value>
    public int Comparisons { get; init; } = 4;

    /// <summary>Every fault of these settings; empty when they can be used.</summary>
    public IReadOnlyList<string> Faults() => Compare is CompareBy.Exists or CompareBy.Ledger or CompareBy.Always
        ? [$"--compare {Compare.ToString().ToLowerInvariant()} says nothing about two trees; write mtime, size or checksum."]
        : [];
}

/// <summary>How one path stands.</summary>
public enum CheckVerdict
{
    /// <summary>In both, and the same.</summary>
    Match = 0,

    /// <summary>In both, and not the same.</summary>
    Differs,

    /// <summary>Only in the source.</summary>
    MissingOnDestination,

    /// <summary>Only in the destination.</summary>
    MissingOnSource,

    /// <summary>It could not be looked at or read, so nothing is known.</summary>
    Error,

    /// <summary>A link or a special file, passed over.</summary>
    Skipped,
}

/// <summary>By what two files were found the same or different: the last thing that was looked at.</summary>
public enum CheckedBy
{
    /// <summary>Their lengths alone.</summary>
    Size = 0,

    /// <summary>Their lengths, which are the same, and their modification times.</summary>
    Modified,

    /// <summary>Where two links lead to.</summary>
    LinkTarget,

    /// <summary>Checksums that were told, by both stores or by a store and a manifest; nothing was read.</summary>
    StoredChecksum,

    /// <summary>A checksum that one store told, and the bytes of the other's file, which were read.</summary>
    ReadingOne,

    /// <summary>The bytes, all of them read: of both sides, or of the one that is held against a manifest.</summary>
    Reading,
}

/// <summary>What the comparison says about one path.</summary>
/// <param name="Verdict">How it stands.</param>
/// <param name="Path">Its path below both roots.</param>
/// <param name="Reason">Why, in few words for people.</param>
/// <param name="Failure">For <see cref="CheckVerdict.Error"/>: what went wrong.</param>
/// <param name="By">By what that was found; null where there were no two files to compare.</param>
public sealed record CheckLine(CheckVerdict Verdict, StorePath Path, string Reason, FileFailure? Failure = null, CheckedBy? By = null);
