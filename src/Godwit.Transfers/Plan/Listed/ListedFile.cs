using Godwit.Storage;

namespace Godwit.Transfers.Plan.Listed;

/// <summary>A file that a list names: where it is, where it goes, and what its bytes are.</summary>
/// <param name="Source">Its path below the source's root.</param>
/// <param name="Destination">Its path below the destination's root; the same where the list says nothing else.</param>
/// <param name="Expected">What the source's bytes are held against; null for nothing.</param>
public sealed record ListedFile(StorePath Source, StorePath Destination, Checksum? Expected = null)
{
    /// <summary>Where it stands, for people: <c>line 3</c>.</summary>
    public string Where { get; init; } = "";

    /// <summary>Whether the list says more of it than its path.</summary>
    public bool HasColumns => Source != Destination || Expected is not null;

    /// <summary>Whether two lines ask for one and the same.</summary>
    public bool IsSame(ListedFile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Source == other.Source && Destination == other.Destination && Nullable.Equals(Expected, other.Expected);
    }
}
