using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers;

/// <summary>Something that happened in a transfer. The names are stable: logs, webhooks and scripts depend on them.</summary>
/// <param name="Name">The event's name, such as <c>file.delivered</c>.</param>
public abstract record TransferEvent(string Name);

/// <summary>The claim on the destination is ours and the listing begins.</summary>
public sealed record TransferStarted(string Id, string Verb, string Source, string Destination) : TransferEvent("transfer.started");

/// <summary>A file was chosen, in a dry run: what would be done and why.</summary>
public sealed record FilePlanned(PlanItem Item) : TransferEvent("file.planned")
{
    /// <summary>How its bytes would go, as <see cref="Receipt.Route"/> has it; null where it has none.</summary>
    public string? Route { get; init; }

    /// <summary>Why they would go that way.</summary>
    public RouteReason RouteReason { get; init; }
}

/// <summary>A file's first byte is about to move.</summary>
public sealed record FileStarted(StorePath Path, long Length, bool Resumed) : TransferEvent("file.started")
{
    /// <summary>Its path at the source.</summary>
    public StorePath Source { get; init; } = Path;
}

/// <summary>A file could not go from server to server, and goes through here: why.</summary>
public sealed record RouteRefused(StorePath Path, string Route, string Message) : TransferEvent("route.refused");

/// <summary>A file has its verdict, its final name and a durable receipt.</summary>
public sealed record FileDelivered(StorePath Path, Receipt Receipt) : TransferEvent("file.delivered")
{
    /// <summary>Its path at the source.</summary>
    public StorePath Source { get; init; } = Path;
}

/// <summary>A try at a file failed and is made again.</summary>
public sealed record FileRetried(StorePath Path, int Attempt, FileFailure Failure) : TransferEvent("file.retried")
{
    /// <summary>Its path at the source.</summary>
    public StorePath Source { get; init; } = Path;
}

/// <summary>A file is given up in this run.</summary>
public sealed record FileFailed(StorePath Path, int Attempts, FileFailure Failure) : TransferEvent("file.failed")
{
    /// <summary>Its path at the source; the same unless a list, or a single file's new name, said otherwise.</summary>
    public StorePath Source { get; init; } = Path;

    /// <summary>What a list says its bytes are; null for nothing.</summary>
    public Checksum? Expected { get; init; }

    /// <summary>The failure of a plan's line.</summary>
    public static FileFailed Of(PlanItem item, int attempts, FileFailure failure)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new FileFailed(item.Destination, attempts, failure) { Source = item.Source.Path, Expected = item.Expected };
    }
}

/// <summary>A directory was made, or a link, which then has its receipt too.</summary>
public sealed record EntryMade(StorePath Path, EntryKind Kind) : TransferEvent("entry.made");

/// <summary>A sync deleted what only the destination had.</summary>
public sealed record EntryDeleted(StorePath Path, EntryKind Kind, long Length) : TransferEvent("entry.deleted");

/// <summary>What is about to be replaced or deleted at the destination is kept for certain: the path below the destination, and the name below
/// the directory for what is put aside.</summary>
public sealed record FileBackedUp(StorePath Path, StorePath Backup, long Length) : TransferEvent("file.backed-up");

/// <summary>A move deleted a file at the source, because it is at the destination for certain, or a directory that is empty now.</summary>
public sealed record SourceDeleted(StorePath Path, long Length) : TransferEvent("source.deleted")
{
    /// <summary>What it was: a file or link, or a directory that was empty then.</summary>
    public EntryKind Kind { get; init; }
}

/// <summary>A sync deleted nothing of what only the destination has, and why.</summary>
public sealed record ExtrasKept(long Files, string Reason) : TransferEvent("extras.kept");

/// <summary>Partial data of an earlier run was removed.</summary>
public sealed record LeftoverRemoved(StorePath Path) : TransferEvent("leftover.removed");

/// <summary>No further file is begun, and why.</summary>
public sealed record TransferStopping(StopReason Reason, string Message) : TransferEvent("transfer.stopping");

/// <summary>The transfer ended.</summary>
public sealed record TransferEnded(string Id, TransferOutcome Outcome, TransferTotals Totals, TimeSpan Took) : TransferEvent("transfer.ended");

/// <summary>Hears of everything that happens. Called from many threads at once; must be quick and must not throw.</summary>
public interface ITransferObserver
{
    /// <summary>Something happened.</summary>
    void On(TransferEvent happened);

    /// <summary>Bytes of a file were sent.</summary>
    void OnBytes(StorePath path, long bytes);
}

/// <summary>Why a transfer ends before all is done.</summary>
public enum StopReason
{
    /// <summary>It does not.</summary>
    None = 0,

    /// <summary>The time budget is used up.</summary>
    TimeBudget,

    /// <summary>The limit of bytes is reached.</summary>
    MaxTransfer,

    /// <summary>The destination is full.</summary>
    DestinationFull,

    /// <summary>A store cannot be used at all: no credential, not reachable, its listing is not possible.</summary>
    StoreUnusable,

    /// <summary>A guard refused what the transfer was to delete.</summary>
    GuardRefused,

    /// <summary>The claim on the destination was taken over by another run.</summary>
    ClaimLost,

    /// <summary>The caller cancelled.</summary>
    Canceled,
}

/// <summary>How a transfer went.</summary>
/// <param name="Outcome">Its outcome.</param>
/// <param name="Totals">Its counts.</param>
/// <param name="Stopped">Why it ended early, if it did.</param>
/// <param name="Took">How long it took.</param>
/// <param name="ListingIncomplete">Whether something could not be looked at.</param>
public sealed record TransferResult(
    TransferOutcome Outcome, TransferTotals Totals, StopReason Stopped, TimeSpan Took, bool ListingIncomplete)
{
    /// <summary>Why nothing was deleted of what should have been; null when no guard refused.</summary>
    public string? Refusal { get; init; }

    /// <summary>The outcome that follows from what happened: one table for the ledger, the events, the report and the exit code.</summary>
    /// <param name="totals">The counts; those that were planned and have no other outcome were not attempted.</param>
    /// <param name="stopped">Why it ended early, if it did.</param>
    /// <param name="brokeOff">Whether an error ended the transfer as a whole.</param>
    public static TransferOutcome OutcomeOf(TransferTotals totals, StopReason stopped, bool brokeOff)
    {
        ArgumentNullException.ThrowIfNull(totals);
        if (stopped == StopReason.Canceled && !brokeOff)
        {
            return TransferOutcome.Canceled;
        }

        bool complete = !brokeOff && stopped != StopReason.ClaimLost && totals.Failed + totals.NotAttempted == 0;
        return complete ? TransferOutcome.Success : totals.Delivered > 0 ? TransferOutcome.Partial : TransferOutcome.Error;
    }
}
