using Godwit.Storage;

namespace Godwit.Transfers.Record;

/// <summary>What a person said of a file.</summary>
public enum MarkKind
{
    /// <summary>As it was then, it counts as delivered: copies leave it out. It is no receipt: nothing says that it arrived.</summary>
    Baseline = 1,

    /// <summary>It is to be sent again, also where the destination has the same.</summary>
    Resend,
}

/// <summary>A person's word on one file of one pair of places.</summary>
/// <param name="Kind">What was said.</param>
/// <param name="SourceSpace">Where it comes from: <see cref="StoreIdentity.Space"/>.</param>
/// <param name="Source">Its path within that space.</param>
/// <param name="DestinationSpace">Where it goes.</param>
/// <param name="Destination">Its final path within that space.</param>
/// <param name="SourceVersion">See <see cref="FileIntent.VersionOf"/>: of a baseline, the one version that is meant.</param>
/// <param name="Length">Its bytes then.</param>
/// <param name="Made">When it was said.</param>
public sealed record FileMark(
    MarkKind Kind, string SourceSpace, StorePath Source, string DestinationSpace, StorePath Destination, string SourceVersion, long Length, Timestamp Made);
