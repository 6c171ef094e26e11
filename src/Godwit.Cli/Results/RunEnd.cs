using Godwit.Cli.Relay;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>How a run ended: what the report and the summary are made from.</summary>
internal sealed record RunEnd
{
    public required string Id { get; init; }

    public required string Verb { get; init; }

    /// <summary>As people read it; no secrets.</summary>
    public required string Source { get; init; }

    /// <summary>As people read it; no secrets.</summary>
    public required string Destination { get; init; }

    public bool DryRun { get; init; }

    /// <summary>Null: it has not ended.</summary>
    public required TransferOutcome? Outcome { get; init; }

    public StopReason Stopped { get; init; }

    public required TransferTotals Totals { get; init; }

    /// <summary>Whether the totals are only what is known of a run that was killed, or that is still going on: what was delivered and what failed,
    /// and not how many files were planned.</summary>
    public bool PlanIsUnknown { get; init; }

    public required Timestamp Started { get; init; }

    public Timestamp? Ended { get; init; }

    public TimeSpan Took { get; init; }

    /// <summary>Whether something could not be looked at, so that files may be missing from the plan; null where it is not known any more.</summary>
    public bool? ListingIncomplete { get; init; } = false;

    /// <summary>Files by how they were verified; null where it is not known any more.</summary>
    public IReadOnlyDictionary<Verdict, long>? Verdicts { get; init; }

    /// <summary>Files by what the reading of their source was held against; null as above.</summary>
    public IReadOnlyDictionary<SourceProof, long>? SourceProofs { get; init; }

    /// <summary>What only the destination has and a sync left there, and why; null for nothing, and where it is not known any more.</summary>
    public ExtrasKept? Kept { get; init; }

    /// <summary>Whether it is to empty the source: what earlier runs took is gone there.</summary>
    public bool EmptiesSource => Verb is "move" or RelayVerbs.Pull;

    /// <summary>Whether it was to empty the source, so that what it passed over is still there.</summary>
    public bool LeavesSource => EmptiesSource && !DryRun;

    /// <summary>Whether nothing waited in the drop box that it was to empty.</summary>
    public bool FoundNothingWaiting => Verb == RelayVerbs.Pull && ListingIncomplete == false
        && Totals is { Planned: 0, Unchanged: 0, Filtered: 0, Unsettled: 0 };

    /// <summary>Whether files that were there were left as they are, without a look at what they hold.</summary>
    public bool LeavesStanding { get; init; }

    /// <summary>Whether nothing was done because another run writes there.</summary>
    public bool IsClaimRefused { get; init; }

    /// <summary>Whether it broke off because the ledger could not be used.</summary>
    public bool IsLedgerFault { get; init; }

    /// <summary>Why the transfer as a whole could not go on.</summary>
    public string? Error { get; init; }

    /// <summary>The exit code; null where it is not known any more.</summary>
    public ExitCode? Code { get; init; }
}
