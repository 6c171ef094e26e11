using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Transfers.Baseline;

/// <summary>Which files a baseline or a resend is about.</summary>
/// <param name="Path">At or below this path, of the source.</param>
/// <param name="Since">At this moment or later; null for no bound.</param>
/// <param name="Before">Before this moment; null for no bound.</param>
public sealed record BaselineScope(StorePath Path, Timestamp? Since, Timestamp? Before)
{
    /// <summary>Whether one of the bounds asks for a time.</summary>
    public bool ByTime => Since is not null || Before is not null;

    /// <summary>Only these files, and all below these directories, by their paths below the source; null for all. It knows which of them were not met.</summary>
    public FileSet? Files { get; init; }

    /// <summary>Whether a file of this path is meant; what is listed, it or a directory above it, counts as met from then on.</summary>
    public bool Takes(StorePath path) => (Path.IsRoot || path == Path || path.IsBelow(Path)) && (Files is null || Files.MeetAtOrBelow(path));

    /// <summary>Whether anything below a directory can be meant.</summary>
    public bool TakesBelow(StorePath directory) =>
        (Path.IsRoot || directory == Path || directory.IsBelow(Path) || Path.IsBelow(directory)) && (Files is null || Files.MeetDirectory(directory));

    /// <summary>Whether a moment is meant; an unknown one only without a bound.</summary>
    public bool Takes(Timestamp? moment) => !ByTime || (moment is { } known && !(known < Since) && !(known >= Before));
}
