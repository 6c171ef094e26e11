using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>Which manners a <see cref="MemoryStore"/> has. As it stands, S3's.</summary>
public sealed record MemoryStoreOptions
{
    /// <summary>S3's manners.</summary>
    public static MemoryStoreOptions Default { get; } = new();

    /// <summary>Bytes of a part at least, but for the last. S3 insists on 5 MiB; tests choose less.</summary>
    public long MinPartBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>Parts of a file at most, as S3.</summary>
    public int MaxParts { get; init; } = 10_000;

    /// <summary>Entries of a page at most, as S3.</summary>
    public int PageSize { get; init; } = 1_000;

    /// <summary>Whether <see cref="IStore.ListAsync"/> gives entries in key order. False: in an order of its own, as file systems do.</summary>
    public bool SortedListing { get; init; } = true;

    /// <summary>Whether a listing tells when the content changed. False: null, as a store that keeps the time in metadata which its
    /// listing does not show.</summary>
    public bool ListingKnowsModified { get; init; } = true;

    /// <summary>Whether what is written by parts can be read before it is published.</summary>
    public bool UnpublishedRead { get; init; }

    /// <summary>Whether the store tells the MD5 of what is written by parts before it is published.</summary>
    public bool UnpublishedChecksum { get; init; }

    /// <summary>Whether the store deletes a file on condition that it is still the version that is meant.</summary>
    public bool VersionedDelete { get; init; }

    /// <summary>
    /// Whether the store also has what file systems have: directories of their own, links, modes, times of 1 ns that can be set,
    /// renames, free space, durability, and names that are any bytes, 255 at most.
    /// </summary>
    public bool PosixManners { get; init; }

    /// <summary>Bytes that the store holds at most; beyond it writes fail with <see cref="StoreErrorKind.QuotaExceeded"/>.</summary>
    public long CapacityBytes { get; init; } = 1L << 40;

    /// <summary>How long every call takes, on the space's clock.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.Zero;

    /// <summary>Another name of the server: the same buckets are then those of another place to whoever goes by names. Null: its own.</summary>
    public string? Alias { get; init; }

    /// <summary>The root as the store tells it, where that is not the root within the space, as of a server in a chroot; null where it is.</summary>
    public StorePath? ToldRoot { get; init; }

    /// <summary>Whole nanoseconds that times are rounded down to; null for what the manners have.</summary>
    public long? TimePrecision { get; init; }

    /// <summary>Bytes from which on a file is fetched from another bucket rather than sent through here.</summary>
    public long ThirdPartyBytes { get; init; } = long.MaxValue;

    internal StoreLimits Limits => PosixManners
        ? new StoreLimits { NameBytes = 255, PathBytes = 4_095, KeepsMode = true, TimePrecision = TimePrecision ?? 1 }
        : new StoreLimits { NamesAreBytes = false, PathBytes = 1_024, TimePrecision = TimePrecision ?? 1_000_000 };
}
