using Godwit.Storage;

namespace Godwit.Transfers.Cleanup;

/// <summary>What an upload is to this ledger.</summary>
public enum UploadState
{
    /// <summary>Ours; the run that began it is over.</summary>
    Stale = 0,

    /// <summary>Ours and stale, but younger than was asked for.</summary>
    Young,

    /// <summary>Ours; a run is at work on it.</summary>
    Running,

    /// <summary>The ledger does not know it: another program's, another ledger's, or one whose beginning was not recorded.</summary>
    NotOurs,

    /// <summary>It was ours and stale, and has been removed.</summary>
    Removed,

    /// <summary>It is ours and stale, and was left alone: the file that stands at its path may be made of it, or the server may still be
    /// making it.</summary>
    Published,

    /// <summary>It is ours and stale, and could not be removed: the ledger still knows it.</summary>
    Failed,
}

/// <summary>An upload under way at a destination.</summary>
/// <param name="Path">The final path; null where the name can be no path.</param>
/// <param name="State">What it is to this ledger.</param>
/// <param name="Begun">When it was begun, as the store tells, else when its transfer was; null where nobody tells.</param>
public sealed record FoundUpload(StorePath? Path, UploadState State, Timestamp? Begun)
{
    /// <summary>The parts that it holds; null where they were not asked for.</summary>
    public int? Parts { get; init; }

    /// <summary>The bytes of those.</summary>
    public long? Bytes { get; init; }

    /// <summary>For <see cref="UploadState.Failed"/>: why.</summary>
    public StoreException? Failure { get; init; }
}
