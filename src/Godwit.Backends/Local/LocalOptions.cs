namespace Godwit.Backends.Local;

/// <summary>How a local store behaves.</summary>
public sealed record LocalOptions
{
    /// <summary>Whether a missing root is made by the first write.</summary>
    /// <value>Default false: a mistyped source must be an error, and a disk that is not mounted must not be filled below.</value>
    public bool CreateRoot { get; init; }

    /// <summary>What becomes of symbolic links when reading.</summary>
    /// <value>Default <see cref="LinkPolicy.AsLinks"/>: whoever lists decides whether to skip or keep them.</value>
    public LinkPolicy Links { get; init; } = LinkPolicy.AsLinks;

    /// <summary>Whether long runs of zeros are written as holes.</summary>
    /// <value>Default true: a sparse image stays sparse, and a file without such runs is written as before.</value>
    public bool Sparse { get; init; } = true;

    /// <summary>Files at least this long get their space set aside before the first byte, so that a full disk is known then.</summary>
    /// <value>Default 1 MiB: below it the call costs more than it saves.</value>
    public long PreallocateFrom { get; init; } = 1 << 20;

    /// <summary>Up to so many files are synced one by one; more of them by one sync of their file system.</summary>
    /// <value>Default 8: from there on, one call for the whole file system was faster on a quiet machine.</value>
    public int SyncOneByOne { get; init; } = 8;

    /// <summary>Uploads that keep their file open between calls; those beyond open it anew for each call.</summary>
    /// <value>Default 800: what a transfer has under way at once, below the 1,024 open files that some systems allow a process.</value>
    public int OpenUploads { get; init; } = 800;

    /// <summary>Whether pages are dropped from the page cache before they are read.</summary>
    /// <value>Default false. For a destination, whose bytes are compared: after a write that failed the cache still has what the medium lacks.</value>
    public bool ReadsPastCache { get; init; }

    /// <summary>Directories are resolved step by step, as on a kernel before 5.6 or where a sandbox refuses openat2.</summary>
    internal bool StepByStep { get; init; }

    /// <summary>Entries from which on a page of a listing is full.</summary>
    /// <value>Default 4,096: most directories are one page, and one of a million never stands in memory as a whole.</value>
    internal int PageEntries { get; init; } = 4096;
}

/// <summary>What becomes of symbolic links when reading. Writing never follows one.</summary>
public enum LinkPolicy
{
    /// <summary>A link is listed as a link and nothing lies below it.</summary>
    AsLinks = 0,

    /// <summary>A link is listed and read as what it points to. One that leads out of the root, nowhere, or to a directory that it
    /// lies in is listed as a link.</summary>
    Follow,
}
