using Godwit.Storage;

namespace Godwit.Transfers;

/// <summary>When a file at the destination counts as the one at the source.</summary>
public enum CompareBy
{
    /// <summary>Same length and same modification time, at the precision that both stores keep.</summary>
    Modified = 0,

    /// <summary>Same length.</summary>
    Size,

    /// <summary>Same length and same bytes: both sides are read, or asked for a stored checksum.</summary>
    Checksum,

    /// <summary>It is there.</summary>
    Exists,

    /// <summary>A receipt says that this version was delivered; the destination is not listed.</summary>
    Ledger,

    /// <summary>Never: every file is moved again.</summary>
    Always,
}

/// <summary>What proof of arrival is wanted.</summary>
public enum VerifyBy
{
    /// <summary>The strongest proof that costs least for this pair of stores; never less than a checksum.</summary>
    Auto = 0,

    /// <summary>The destination is read again, whatever else proves it.</summary>
    ReadBack,

    /// <summary>The length is enough. Asked for by name only.</summary>
    Size,
}

/// <summary>What happens to symbolic links below the source.</summary>
public enum LinkPolicy
{
    /// <summary>They are left out and counted.</summary>
    Skip = 0,

    /// <summary>What they point to is moved, as long as it lies within the root. The source store resolves them.</summary>
    Follow,

    /// <summary>They are made again at the destination, as links.</summary>
    Keep,
}

/// <summary>In which order files are moved.</summary>
public enum FileOrder
{
    /// <summary>As the listing gives them: by name. Moving begins while the listing goes on.</summary>
    Name = 0,

    /// <summary>Smallest first, so that one huge file cannot block a short window.</summary>
    SmallFirst,

    /// <summary>Largest first.</summary>
    LargeFirst,

    /// <summary>Large and small well mixed, the same mixture at every run.</summary>
    Mixed,

    /// <summary>Oldest change first.</summary>
    Oldest,

    /// <summary>Newest change first.</summary>
    Newest,
}

/// <summary>How bytes may go.</summary>
public enum RouteChoice
{
    /// <summary>As the two stores allow and the proof wants.</summary>
    Auto = 0,

    /// <summary>Through Godwit.</summary>
    Stream,

    /// <summary>Copied within one system, without passing through Godwit.</summary>
    Server,

    /// <summary>From the source's server to the destination's, without passing through Godwit.</summary>
    ThirdParty,
}

/// <summary>How a transfer decides, moves and proves. Every default is right for a first run that nobody watches.</summary>
public sealed record TransferPolicy
{
    /// <summary>The defaults.</summary>
    public static TransferPolicy Default { get; } = new();

    /// <summary>When a file counts as there already.</summary>
    /// <value>Length and modification time: what rsync and rclone compare.</value>
    public CompareBy Compare { get; init; }

    /// <summary>What proof is wanted.</summary>
    public VerifyBy Verify { get; init; }

    /// <summary>What happens to links.</summary>
    public LinkPolicy Links { get; init; }

    /// <summary>Whether files that only the destination has are deleted there once everything arrived, and how many; null leaves them alone.</summary>
    public RemovalPolicy? Removal { get; init; }

    /// <summary>Whether each file is deleted at the source once it is at the destination for certain.</summary>
    public bool RemoveSource { get; init; }

    /// <summary>Whether others take files from the source at the same time, and delete them there: a file that is gone was taken by one of them, and
    /// counts as unchanged instead of as failed.</summary>
    public bool SharesSource { get; init; }

    /// <summary>How many files <see cref="RemoveSource"/> may delete; one more, and it deletes none. They are counted before the first one moves.
    /// Null for no limit. Whether the source is empty does not matter here.</summary>
    public RemovalPolicy? SourceRemoval { get; init; }

    /// <summary>Whether directories of the source stay that become empty by <see cref="RemoveSource"/>.</summary>
    public bool KeepSourceDirectories { get; init; }

    /// <summary>In which order files go.</summary>
    public FileOrder Order { get; init; }

    /// <summary>How bytes may go.</summary>
    public RouteChoice Route { get; init; }

    /// <summary>Never replace a file that is there, whatever it holds.</summary>
    public bool NoOverwrite { get; init; }

    /// <summary>Plan and report; write nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Files that changed less than this ago are left for a later run.</summary>
    public TimeSpan StableFor { get; init; }

    /// <summary>Files at once; null for as many as the two stores bear (<see cref="StoreLimits.DefaultConcurrency"/>), large files fewer: their
    /// parts go side by side already.</summary>
    public int? Transfers { get; init; }

    /// <summary>Parts of one file at once.</summary>
    public int Parts { get; init; } = 4;

    /// <summary>Bytes of a part; null lets the destination choose. It grows where the destination limits the number of parts.</summary>
    public long? PartSize { get; init; }

    /// <summary>Begin no further file after this long.</summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>Begin no further file once this many bytes were begun.</summary>
    public long? MaxTransfer { get; init; }

    /// <summary>Checksums to compute beside the ones that the proof needs, for a manifest or a catalogue.</summary>
    public IReadOnlyList<ChecksumKind> Checksums { get; init; } = [];

    /// <summary>Tries of one file in one run.</summary>
    /// <value>3: calls are repeated below this already.</value>
    public int Attempts { get; init; } = 3;

    /// <summary>Bytes of file content held in memory at once; a part that is larger than that is held alone.</summary>
    /// <value>32 MiB: four parts of the usual size, enough for 2.5 Gbit/s over 100 ms.</value>
    public long BufferBytes { get; init; } = 32L << 20;

    /// <summary>Bytes of a part that are held in memory at most. A larger part, of a huge file in a store of few parts, is read twice.</summary>
    /// <value>256 MiB.</value>
    public long HeldPartBytes { get; init; } = 256L << 20;

    /// <summary>Every fault of these settings; empty when they can be used.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        Check(Transfers is null or (>= 1 and <= 1024), $"--transfers is {Transfers}; it must be 1 to 1024.");
        Check(Parts is >= 1 and <= 1024, $"--parts is {Parts}; it must be 1 to 1024.");
        Check(PartSize is null or >= 64 << 10, $"--part-size is {PartSize} bytes; it must be at least 64KiB.");
        Check(PartSize is null || PartSize <= HeldPartBytes, $"--part-size is {PartSize} bytes; it must be at most {HeldPartBytes >> 20}MiB.");
        Check(BufferBytes >= 64 << 10, $"--memory is {BufferBytes} bytes; it must be at least 64KiB.");
        bool byLedger = Compare == CompareBy.Ledger;
        Check(!byLedger || Removal is null, "--compare ledger does not look at the destination, so that sync cannot tell what is too much there.");
        Check(!byLedger || !RemoveSource, "--compare ledger does not look at the destination, so that move cannot tell what is there for certain.");
        Check(!RemoveSource || Verify != VerifyBy.Size, "--verify size proves nothing but a length, and move deletes at the source: use copy, or leave it out.");
        Check(!RemoveSource || Links != LinkPolicy.Follow, "--links follow moves what lies elsewhere, and move would delete it there: use copy, or --links keep.");
        Check(StableFor >= TimeSpan.Zero, $"--stable-for is {StableFor}; it must not be negative.");
        Check(TimeBudget is null || TimeBudget > TimeSpan.Zero, $"--time-budget is {TimeBudget}; it must be more than nothing.");
        Check(MaxTransfer is null or > 0, $"--max-transfer is {MaxTransfer}; it must be more than nothing.");
        Check(Attempts >= 1, $"The number of attempts is {Attempts}; it must be at least 1.");
        return faults;

        void Check(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }
}
