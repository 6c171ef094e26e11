using Godwit.Storage;

namespace Godwit.Transfers.Record;

/// <summary>How a transfer ended; null in a record means that it has not.</summary>
public enum TransferOutcome
{
    /// <summary>Everything that was planned arrived, or there was nothing to do.</summary>
    Success = 1,

    /// <summary>Some files were delivered and some were not, whatever ended the transfer but a cancellation.</summary>
    Partial,

    /// <summary>Files were planned and none was delivered, or the transfer could not begin.</summary>
    Error,

    /// <summary>It was cancelled or stopped by a signal; its counts say how far it came.</summary>
    Canceled,

    /// <summary>The run died; another one found its claim.</summary>
    Interrupted,
}

/// <summary>A transfer as the ledger keeps it.</summary>
/// <param name="Id">Unique, sortable by time of creation.</param>
/// <param name="Verb">The command: copy, sync, move ...</param>
/// <param name="Source">The source as people read it; no secrets.</param>
/// <param name="Destination">The destination as people read it; no secrets.</param>
/// <param name="DestinationSpace">The space of the claim: <see cref="StoreIdentity.Space"/>.</param>
/// <param name="DestinationPath">The path of the claim within the space.</param>
/// <param name="Started">When it began.</param>
public sealed record TransferRecord(
    string Id, string Verb, string Source, string Destination, string DestinationSpace, StorePath DestinationPath, Timestamp Started)
{
    /// <summary>The path within the source's space that the paths which the user knows are below, or that of a single file; null where nobody wrote it
    /// down.</summary>
    public StorePath? SourcePath { get; init; }

    /// <summary>When it ended.</summary>
    public Timestamp? Ended { get; init; }

    /// <summary>How it ended.</summary>
    public TransferOutcome? Outcome { get; init; }

    /// <summary>The counts at its end.</summary>
    public TransferTotals? Totals { get; init; }
}

/// <summary>Who runs a transfer, so that another run can tell whether he is alive.</summary>
/// <param name="Name">Host, boot, process and the process's start: unique among all runs that ever were.</param>
/// <param name="IsGone">Whether the holder of that name is certainly dead (same host and boot, no such process). False when unsure.</param>
/// <param name="Patience">How long this run's claim lives without being renewed, where nobody can tell whether the run does.</param>
public sealed record RunHolder(string Name, Func<string, bool> IsGone, TimeSpan Patience)
{
    /// <summary>Whether the holder of that name is certainly another living process (same host and boot, that very process), even if it
    /// stands still: patience with it does not run out, because it would go on writing when it wakes. False when unsure.</summary>
    public Func<string, bool> IsAlive { get; init; } = _ => false;
}

/// <summary>Counts of a transfer. Delivered, failed and not attempted add up to what was planned.</summary>
public sealed record TransferTotals
{
    /// <summary>Files that the plan chose to move.</summary>
    public long Planned { get; init; }

    /// <summary>Bytes of those.</summary>
    public long PlannedBytes { get; init; }

    /// <summary>Files with a verdict that meets the policy, the final name and a durable receipt.</summary>
    public long Delivered { get; init; }

    /// <summary>Bytes of those.</summary>
    public long DeliveredBytes { get; init; }

    /// <summary>Bytes that were sent; less than delivered where a file was gone on with.</summary>
    public long SentBytes { get; init; }

    /// <summary>Files that failed for good in this run.</summary>
    public long Failed { get; init; }

    /// <summary>Of the failed ones, those that a later run may deliver.</summary>
    public long FailedRetryable { get; init; }

    /// <summary>Files that were planned and not begun: stopped, out of time, or the destination is full.</summary>
    public long NotAttempted { get; init; }

    /// <summary>Files that were there already.</summary>
    public long Unchanged { get; init; }

    /// <summary>Links that were not moved.</summary>
    public long SkippedLinks { get; init; }

    /// <summary>Sockets, devices and the like.</summary>
    public long SkippedSpecial { get; init; }

    /// <summary>Files left out by a filter, an age or a size.</summary>
    public long Filtered { get; init; }

    /// <summary>Files that changed too recently to be taken.</summary>
    public long Unsettled { get; init; }

    /// <summary>Files left out because a baseline counts them as delivered.</summary>
    public long BeforeBaseline { get; init; }

    /// <summary>Directories made at the destination.</summary>
    public long Directories { get; init; }

    /// <summary>Empty directories that have no place at the destination: it keeps none.</summary>
    public long EmptyDirectories { get; init; }

    /// <summary>Files deleted: at the destination by a sync, at the source by a move. In a dry run: files that a sync would delete.</summary>
    public long Deleted { get; init; }

    /// <summary>Files and links that were put aside before they were replaced or deleted at the destination.</summary>
    public long BackedUp { get; init; }

    /// <summary>Repeats, on the level of calls and of files.</summary>
    public long Retries { get; init; }
}

/// <summary>What is known of a file before its first byte moves.</summary>
/// <param name="SourceSpace">Where it comes from: <see cref="StoreIdentity.Space"/>.</param>
/// <param name="Source">Its path within that space.</param>
/// <param name="SourceVersion">See <see cref="VersionOf"/>.</param>
/// <param name="DestinationSpace">Where it goes.</param>
/// <param name="Destination">Its final path within that space.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Tag">The mark of its upload.</param>
public sealed record FileIntent(
    string SourceSpace, StorePath Source, string SourceVersion, string DestinationSpace, StorePath Destination, long Length, string Tag)
{
    /// <summary>What the ledger knows a version of a source by: its <see cref="StoreEntry.ResumeVersion"/>; of a link, its target.</summary>
    public static string VersionOf(StoreEntry source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source is { Kind: EntryKind.Link, LinkTarget: { } target }
            ? "link:" + PathText.Escape(target.Span)
            : source.ResumeVersion ?? source.Version ?? "";
    }
}

/// <summary>A part that arrived.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Offset">Where it belongs.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Checksum">What the source's bytes were.</param>
/// <param name="Token">What the store wants back on completion.</param>
public sealed record FilePart(int Number, long Offset, long Length, Checksum Checksum, string? Token)
{
    /// <summary>Whether the store refused it unless it was <see cref="Checksum"/>'s bytes: one that was sent without that says nothing about
    /// what arrived.</summary>
    public bool IsProved { get; init; }
}

/// <summary>A file that a run began and did not finish.</summary>
/// <param name="File">Its number.</param>
/// <param name="Intent">What was known at its beginning.</param>
/// <param name="UploadId">The store's name for the upload; null when the answer was lost.</param>
/// <param name="PartSize">The size of its parts; 0 when it has none.</param>
/// <param name="Parts">The parts that arrived, by number.</param>
public sealed record UnfinishedFile(long File, FileIntent Intent, string? UploadId, long PartSize, IReadOnlyList<FilePart> Parts)
{
    /// <summary>When the completion of its upload was begun; null when it was not, or the store ends one before it answers.</summary>
    public Timestamp? Completing { get; init; }
}

/// <summary>A file that was begun and not finished, and whether a run is at work on it.</summary>
/// <param name="File">The file.</param>
/// <param name="Began">When the transfer began that had it last.</param>
/// <param name="IsHeld">Whether that transfer holds its claim, and its run is not over.</param>
public sealed record FileUnderWay(UnfinishedFile File, Timestamp Began, bool IsHeld);

/// <summary>How a file was verified; the fact behind the word "delivered".</summary>
public enum Verdict
{
    /// <summary>The destination was read again.</summary>
    ReadBack = 1,

    /// <summary>The store computed the checksum from what it stored.</summary>
    Stored,

    /// <summary>The store refused anything but the checksum that was sent with the bytes.</summary>
    OnArrival,

    /// <summary>Only the length was compared, because the user asked for no more.</summary>
    SizeOnly,
}

/// <summary>What the bytes that were read from the source were held against: whether the reading itself is proved.</summary>
public enum SourceProof
{
    /// <summary>Nothing: the source has no checksum of the file, as a directory of this machine has none.</summary>
    None = 0,

    /// <summary>A checksum that the source's store computed from what it stores.</summary>
    Stored,

    /// <summary>A checksum that whoever wrote the file at the source wrote down beside it.</summary>
    Noted,

    /// <summary>The source was read twice, with the same result.</summary>
    ReadTwice,

    /// <summary>Nothing: the source's store keeps checksums, and has none of this file that could be computed again.</summary>
    Missing,

    /// <summary>The checksum that the list of files names, and nothing of the source's own.</summary>
    Listed,
}

/// <summary>Why a file's bytes went the way they did. The numbers are kept in the ledger.</summary>
public enum RouteReason
{
    /// <summary>Nobody wrote it down.</summary>
    None = 0,

    /// <summary>There is no other between these two stores.</summary>
    OnlyWay = 1,

    /// <summary>It was asked for, by an option or by a limit that only holds here.</summary>
    Asked = 2,

    /// <summary>Both are one system, which copies by itself and tells checksums.</summary>
    OneSystem = 3,

    /// <summary>Both servers speak one protocol, are asked as one user, and tell checksums.</summary>
    BetweenServers = 4,

    /// <summary>So few bytes are faster through here.</summary>
    Small = 5,

    /// <summary>The bytes had to be read here: for a checksum that was asked for, or because no server tells one that would prove them.</summary>
    BytesNeeded = 6,

    /// <summary>An earlier run sent parts of it this way.</summary>
    Begun = 7,

    /// <summary>The servers were asked first, and would not or could not.</summary>
    Refused = 8,

    /// <summary>The servers cannot tell each other its name.</summary>
    Name = 9,
}

/// <summary>The evidence for a delivered file.</summary>
public sealed record Receipt
{
    /// <summary>The <see cref="Route"/> of bytes that passed through Godwit.</summary>
    public const string StreamRoute = "stream";

    /// <summary>The <see cref="Route"/> of bytes that one system copied.</summary>
    public const string ServerRoute = "server";

    /// <summary>The <see cref="Route"/> of bytes that went from server to server.</summary>
    public const string ThirdPartyRoute = "third-party";

    /// <summary>The <see cref="Route"/> of a file that was there, and was proved.</summary>
    public const string AdoptedRoute = "adopted";

    /// <summary>The <see cref="Route"/> of a link: it has no bytes and no checksums, its target is its version.</summary>
    public const string LinkRoute = "link";

    /// <summary>The file's number of this run.</summary>
    public required long File { get; init; }

    /// <summary>Where it came from and went, and what it was.</summary>
    public required FileIntent Intent { get; init; }

    /// <summary>Its <see cref="StoreEntry.ResumeVersion"/> at the destination; null where the store has none.</summary>
    public string? DestinationVersion { get; init; }

    /// <summary>The checksums that were computed from the source's bytes.</summary>
    public required IReadOnlyList<Checksum> Checksums { get; init; }

    /// <summary>How it was verified.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What the reading of the source was held against.</summary>
    public SourceProof SourceProof { get; init; }

    /// <summary>How the bytes went: <see cref="StreamRoute"/> and the like.</summary>
    public required string Route { get; init; }

    /// <summary>Why they went that way.</summary>
    public RouteReason RouteReason { get; init; }

    /// <summary>Where what it replaced is kept, within the destination's space; null where it replaced nothing, or nothing is kept.</summary>
    public StorePath? Backup { get; init; }

    /// <summary>Bytes that were sent for it in the run that finished it.</summary>
    public required long SentBytes { get; init; }

    /// <summary>When it was delivered.</summary>
    public required Timestamp Delivered { get; init; }
}

/// <summary>One try at a file that did not deliver it.</summary>
public sealed record FileAttempt
{
    /// <summary>The file's number; 0 for one that was never begun (an unreadable entry, a name that cannot be held).</summary>
    public required long File { get; init; }

    /// <summary>The source path within its space.</summary>
    public required StorePath Source { get; init; }

    /// <summary>The destination path within its space.</summary>
    public required StorePath Destination { get; init; }

    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>What went wrong, as a word: a kind of <see cref="StoreErrorKind"/> in kebab case, <c>source-changed</c>,
    /// <c>name-not-representable</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whose side it is.</summary>
    public required StoreSide Side { get; init; }

    /// <summary>The sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>Whether a later run may deliver it.</summary>
    public required bool MayPass { get; init; }

    /// <summary>Whether this run is done with the file.</summary>
    public required bool Final { get; init; }

    /// <summary>When the try ended.</summary>
    public required Timestamp Ended { get; init; }
}

/// <summary>Which receipts are meant: from one place to another.</summary>
/// <param name="SourceSpace">The source's space.</param>
/// <param name="Source">At or below this path.</param>
/// <param name="DestinationSpace">The destination's space.</param>
/// <param name="Destination">At or below this path.</param>
public sealed record ReceiptScope(string SourceSpace, StorePath Source, string DestinationSpace, StorePath Destination);

/// <summary>The ledger cannot be opened, read or written. Without it nothing may be moved: what it says names the file and the remedy.</summary>
public class LedgerException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The transfer does not hold its destination any more: it has ended, or another run took it for dead. It must not write there.</summary>
/// <param name="transferId">The transfer.</param>
public sealed class ClaimLostException(string transferId) : LedgerException(
    $"Transfer {transferId} does not hold its destination any more: it has ended, or another run took it for dead and took over.");
