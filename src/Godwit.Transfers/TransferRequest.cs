using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Plan.Saved;
using Godwit.Transfers.Queue;

namespace Godwit.Transfers;

/// <summary>What is to be moved: the one request behind the command line and the service.</summary>
public sealed record TransferRequest
{
    /// <summary>The transfer's id.</summary>
    public required string Id { get; init; }

    /// <summary>The command, as people know it.</summary>
    public required string Verb { get; init; }

    /// <summary>Where files come from; its root is the tree to move.</summary>
    public required IStore Source { get; init; }

    /// <summary>Where they go; its root is where the tree's contents go.</summary>
    public required IStore Destination { get; init; }

    /// <summary>Where what is replaced or deleted at the destination is kept, under the same relative path; null where it is lost. A store of the
    /// destination's own space, neither in it nor around it.</summary>
    public IStore? Backup { get; init; }

    /// <summary>One file instead of the whole tree.</summary>
    public SingleFile? Single { get; init; }

    /// <summary>The files of a list, under the names that it gives them, instead of the whole tree; null where no list names any.</summary>
    public IFileList? Listed { get; init; }

    /// <summary>How to decide, move and prove.</summary>
    public TransferPolicy Policy { get; init; } = TransferPolicy.Default;

    /// <summary>Files at once where the policy says nothing; null for as many as the store bears that bears more.</summary>
    public int? FilesAtOnce { get; init; }

    /// <summary>What each file waits for beside, in this order: transfers that share one of them name them in the same order.</summary>
    public IReadOnlyList<Turns> Turns { get; init; } = [];

    /// <summary>Which entries are taken.</summary>
    public EntryFilter Filter { get; init; } = EntryFilter.All;

    /// <summary>Takes the plan of a dry run, to be carried out later; null for nowhere.</summary>
    public IPlanSink? SavePlan { get; init; }

    /// <summary>The plan to carry out instead of making one; its filter was applied when it was made.</summary>
    public SavedPlan? Saved { get; init; }
}

/// <summary>One file to move, which may get another name.</summary>
/// <param name="Source">Its path below the source's root.</param>
/// <param name="Destination">Its path below the destination's root.</param>
public sealed record SingleFile(StorePath Source, StorePath Destination)
{
    /// <summary>Whether it gets another name: then it is another file also where both sides are one directory.</summary>
    public bool IsRenamed => Source != Destination;
}
