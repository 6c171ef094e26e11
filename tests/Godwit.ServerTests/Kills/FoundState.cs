namespace Godwit.ServerTests.Kills;

/// <summary>What a copy finds that is killed: what an earlier one has left.</summary>
/// <param name="Kill">The step at which the earlier one was killed; null when it was stopped in the middle of its large files.</param>
internal sealed record FoundState(string? Kill)
{
    /// <summary>There was no earlier one.</summary>
    public static readonly FoundState Nothing = new((string?)null) { IsFirst = true };

    /// <summary>Large files are half sent.</summary>
    public static readonly FoundState HalfSent = new((string?)null);

    /// <summary>A file has its name, and the ledger does not know of it.</summary>
    public static readonly FoundState Unrecorded = new("Destination.CompleteParts.After@1");

    /// <summary>Whether there was no earlier one.</summary>
    public bool IsFirst { get; private init; }

    /// <summary>More options of the copy that is killed.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
}
