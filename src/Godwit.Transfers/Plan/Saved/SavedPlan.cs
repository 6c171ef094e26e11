using Godwit.Storage;

namespace Godwit.Transfers.Plan.Saved;

/// <summary>A plan that a dry run made, to be carried out as it was shown.</summary>
public sealed record SavedPlan
{
    /// <summary>Its lines, in the order of the plan. Read once.</summary>
    public required IEnumerable<PlannedLine> Lines { get; init; }

    /// <summary>What the dry run counted, also of what has no line.</summary>
    public required PlanCounts Counts { get; init; }
}

/// <summary>What a dry run counted.</summary>
/// <param name="Totals">The counts as they were told.</param>
/// <param name="SourceFiles">Files at the source, but for those that are left out: what the guards of a sync look at. For a move all of them.</param>
/// <param name="DestinationFiles">Files at the destination, likewise.</param>
public sealed record PlanCounts(Record.TransferTotals Totals, long SourceFiles, long DestinationFiles);

/// <summary>Takes the lines of a dry run.</summary>
public interface IPlanSink
{
    /// <summary>Takes a line.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    void Add(PlannedLine line);

    /// <summary>Ends the plan; one that was never ended is none. A plan that a guard refused is never ended.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    void Complete(PlanCounts counts);
}

/// <summary>A line of a saved plan: something to do, or something that stood in the way of planning.</summary>
public sealed record PlannedLine
{
    /// <summary>What is to be done; null where <see cref="Failure"/> says what could not be looked at.</summary>
    public PlanDecision? Decision { get; init; }

    /// <summary>Why, for people.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The path at the source; of what only the destination has, and of what could not be looked at, the path there.</summary>
    public required StorePath Source { get; init; }

    /// <summary>The final path at the destination.</summary>
    public required StorePath Destination { get; init; }

    /// <summary>What was at the source; for <see cref="PlanDecision.Extra"/> at the destination.</summary>
    public PlannedState? Seen { get; init; }

    /// <summary>What was at the destination; null for nothing.</summary>
    public PlannedState? Existing { get; init; }

    /// <summary>What a list says the source's bytes are; null for nothing.</summary>
    public Checksum? Expected { get; init; }

    /// <summary>What is in the way at the destination, of another kind; null for nothing.</summary>
    public Contest? Contest { get; init; }

    /// <summary>Why it cannot be done.</summary>
    public FileFailure? Failure { get; init; }

    /// <summary>The line of a plan's item.</summary>
    public static PlannedLine Of(PlanItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        bool isExtra = item.Decision == PlanDecision.Extra;
        return new PlannedLine
        {
            Decision = item.Decision,
            Reason = item.Reason,
            Source = item.Source.Path,
            Destination = item.Destination,
            Seen = PlannedState.Of(item.Source, isExtra ? item.Source.Version : item.Source.ResumeVersion),
            Existing = item.Existing is { } existing && !isExtra ? PlannedState.Of(existing, existing.Version) : null,
            Expected = item.Expected,
            Contest = item.Contest,
            Failure = item.Failure,
        };
    }

    /// <summary>The line of what could not be looked at.</summary>
    public static PlannedLine Of(StoreException unreadable)
    {
        ArgumentNullException.ThrowIfNull(unreadable);
        StorePath path = unreadable.Path ?? StorePath.Root;
        return new PlannedLine { Source = path, Destination = path, Failure = FileFailure.From(unreadable, unreadable.Side) };
    }
}

/// <summary>What a plan saw of an entry: enough to tell later whether it is still the same.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Modified">When it changed, where that is known.</param>
/// <param name="Version">Of the source the <see cref="StoreEntry.ResumeVersion"/>, of the destination the strict
/// <see cref="StoreEntry.Version"/>: what is to be replaced or deleted must be the very thing that was seen.</param>
/// <param name="Target">Where a link points.</param>
public sealed record PlannedState(EntryKind Kind, long Length, Timestamp? Modified, string? Version, string? Target)
{
    /// <summary>What is told of an entry.</summary>
    public static PlannedState Of(StoreEntry entry, string? version)
    {
        ArgumentNullException.ThrowIfNull(entry);
        bool hasContent = entry.Kind is EntryKind.File or EntryKind.Link;
        return new PlannedState(
            entry.Kind,
            entry.Length,
            hasContent ? entry.Modified : null,
            hasContent ? version : null,
            entry.LinkTarget is { } target ? PathText.Escape(target.Span) : null);
    }
}
