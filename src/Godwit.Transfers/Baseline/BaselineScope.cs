using Godwit.Storage;

namespace Godwit.Transfers.Baseline;

/// <summary>Which files a baseline or a resend is about.</summary>
/// <param name="Path">At or below this path, of the source.</param>
/// <param name="Since">At this moment or later; null for no bound.</param>
/// <param name="Before">Before this moment; null for no bound.</param>
public sealed record BaselineScope(StorePath Path, Timestamp? Since, Timestamp? Before)
{
    /// <summary>Whether one of the bounds asks for a time.</summary>
    public bool ByTime => Since is not null || Before is not null;

    /// <summary>Whether a path is meant.</summary>
    public bool Takes(StorePath path) => Path.IsRoot || path == Path || path.IsBelow(Path);

    /// <summary>Whether a moment is meant; an unknown one only without a bound.</summary>
    public bool Takes(Timestamp? moment) => !ByTime || (moment is { } known && !(known < Since) && !(known >= Before));
}
