using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers;

/// <summary>One run of a transfer: its counts, why it stops, and what is told about its files.</summary>
internal sealed partial class TransferRun(TransferRequest request, TransferTally tally, ITransferObserver observer, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private readonly Lock _stopping = new();
    private long _bytesBegun;
    private bool _failed;
    private string? _refusal;

    public TransferRequest Request { get; } = request;

    public TransferTally Tally { get; } = tally;

    /// <summary>Why no further file is begun.</summary>
    public StopReason Stopped { get; private set; }

    /// <summary>Why nothing is deleted at the source, by a guard that looked before the first file was moved; null where it may be.</summary>
    public string? KeepsSources { get; set; }

    /// <summary>What the ledger writes down at the beginning.</summary>
    public TransferRecord RecordOf()
    {
        StoreIdentity destination = Request.Destination.Identity;
        StorePath claimed = destination.Absolute(Request.Single?.Destination ?? StorePath.Root);
        return new TransferRecord(
            Request.Id, Request.Verb, Describe(Request.Source.Identity, Request.Single?.Source),
            Describe(destination, Request.Single?.Destination), destination.Space, claimed, Timestamp.From(time.GetUtcNow()))
        {
            SourcePath = Request.Source.Identity.Absolute(Request.Single?.Source ?? StorePath.Root),
        };
    }

    /// <summary>Whether the file may still be begun; otherwise it counts as not attempted. One that is larger than the whole limit goes alone: it
    /// would never go otherwise, nor would what comes after it.</summary>
    public bool MayBegin(PlanItem item)
    {
        StopWhenTimeIsUp();
        if (Stopped == StopReason.None && IsBeyondLimit(item, 0))
        {
            Stop(StopReason.MaxTransfer, $"the limit of {Request.Policy.MaxTransfer} bytes is reached");
        }

        if (Stopped != StopReason.None)
        {
            Tally.Change(t => t with { NotAttempted = t.NotAttempted + 1 });
            return false;
        }

        _bytesBegun += item.Source.Length;
        return true;
    }

    /// <summary>Whether a dry run would begin the file, as far as the limit of bytes goes; otherwise it counts as not attempted, and no later one is
    /// begun either.</summary>
    public bool WouldBegin(PlanItem item)
    {
        if (Stopped == StopReason.MaxTransfer || IsBeyondLimit(item, 0))
        {
            Stop(StopReason.MaxTransfer, $"the limit of {Request.Policy.MaxTransfer} bytes would be reached");
            Tally.Change(t => t with { NotAttempted = t.NotAttempted + 1, PlannedBytes = t.PlannedBytes - item.Source.Length });
            return false;
        }

        _bytesBegun += item.Source.Length;
        return true;
    }

    /// <summary>Whether the file would not be begun any more after so many further bytes, because of the limit of bytes.</summary>
    public bool IsBeyondLimit(PlanItem item, long further) => Request.Policy.MaxTransfer is { } limit
        && _bytesBegun + further > 0 && _bytesBegun + further + item.Source.Length > limit;

    /// <summary>Begins no further file. Of several reasons the gravest is told, as of several exit codes the first.</summary>
    public void Stop(StopReason reason, string message, CancellationTokenSource? stop = null)
    {
        lock (_stopping)
        {
            if (GravityOf(reason) > GravityOf(Stopped))
            {
                Stopped = reason;
                observer.On(new TransferStopping(reason, message));
            }
        }

        stop?.Cancel();
    }

    /// <summary>Why the ledger cannot tell any more whether the claim is ours; null while it can.</summary>
    public LedgerException? LedgerFault { get; private set; }

    /// <summary>Stops at once: another run may be writing there.</summary>
    /// <param name="why">Why the ledger could not be written; null where another run took the claim over.</param>
    /// <param name="stop">Stops all that is under way.</param>
    public void LoseClaim(LedgerException? why, CancellationTokenSource stop)
    {
        LedgerFault = why;
        Stop(StopReason.ClaimLost, why?.Message ?? "another run took over the claim", stop);
    }

    /// <summary>A stop that came as a cancellation: the caller's, or one that was named before.</summary>
    public void StopFor(CancellationToken caller)
    {
        if (caller.IsCancellationRequested)
        {
            Stop(StopReason.Canceled, "stopped from outside");
        }
        else if (Stopped == StopReason.None)
        {
            // A store gave up by itself: nobody asked for this stop.
            Fail();
        }
    }

    /// <summary>A guard refused what was to be deleted: nothing was, and the transfer did not do what it was asked for.</summary>
    public void Refuse(string why)
    {
        _refusal = why;
        Stop(StopReason.GuardRefused, why);
        Fail();
    }

    /// <summary>The transfer as a whole failed.</summary>
    public void Fail() => _failed = true;

    public void CountAdopted(PlanItem item) => Tally.Change(t => t with
    {
        Planned = t.Planned + 1,
        PlannedBytes = t.PlannedBytes + item.Source.Length,
        Unchanged = t.Unchanged - 1,
    });

    /// <summary>Files that were planned and turned out to be there.</summary>
    public void CountUnchanged(IEnumerable<FileInFlight> files)
    {
        foreach (FileInFlight file in files)
        {
            Tally.Change(t => t with
            {
                Planned = t.Planned - 1,
                PlannedBytes = t.PlannedBytes - file.Item.Source.Length,
                Unchanged = t.Unchanged + 1,
            });
        }
    }

    public void CountBackedUp() => Tally.Change(t => t with { BackedUp = t.BackedUp + 1 });

    /// <summary>What a dry run says would be put aside. Whether a file that is to be compared by content goes is not known before.</summary>
    public void CountPlannedBackup(PlanItem item, bool isDeleted)
    {
        bool isReplaced = item is { Decision: PlanDecision.Move or PlanDecision.MakeLink, Existing: not null };
        if (Request.Backup is not null && (isReplaced || (isDeleted && item.Source.Kind != EntryKind.Directory)))
        {
            CountBackedUp();
        }
    }

    public void CountRetry() => Tally.Change(t => t with { Retries = t.Retries + 1 });

    public void CountDelivered(IReadOnlyList<Receipt> receipts)
    {
        long bytes = receipts.Sum(receipt => receipt.Intent.Length);
        long sent = receipts.Sum(receipt => receipt.SentBytes);
        Tally.Change(t => t with
        {
            Delivered = t.Delivered + receipts.Count,
            DeliveredBytes = t.DeliveredBytes + bytes,
            SentBytes = t.SentBytes + sent,
        });
    }

    /// <summary>A file is given up; when the destination is full, so are all that were not begun.</summary>
    public void GiveUp(FileInFlight file, FileFailure failure)
    {
        CountFailed(failure);
        observer.On(FileFailed.Of(file.Item, file.Attempts, failure));
        StopIfHopeless(failure);
    }

    /// <summary>Whether a file that waits in its batch must not be begun any more: nothing could arrive, or the time is used up.</summary>
    public bool TurnIsOver()
    {
        StopWhenTimeIsUp();
        return Stopped is StopReason.DestinationFull or StopReason.StoreUnusable or StopReason.TimeBudget;
    }

    /// <summary>Begins no further file after a failure that every other one would share.</summary>
    public void StopIfHopeless(FileFailure failure)
    {
        if (failure is { Next: NextStep.WaitForOperator, Side: StoreSide.Destination })
        {
            Stop(StopReason.DestinationFull, failure.Message);
        }
        else if (failure.Next is NextStep.RenewCredentials or NextStep.LeaveStore)
        {
            Stop(StopReason.StoreUnusable, failure.Message);
        }
    }

    public TransferResult Result()
    {
        // What was queued and not begun when the transfer stopped has no outcome of its own yet.
        TransferTotals totals = Tally.Totals;
        totals = Request.Policy.DryRun ? totals : totals with { NotAttempted = totals.Planned - totals.Delivered - totals.Failed };
        TransferOutcome outcome = Request.Policy.DryRun && !_failed ? TransferOutcome.Success : TransferResult.OutcomeOf(totals, Stopped, _failed);
        return new TransferResult(outcome, totals, Stopped, time.GetElapsedTime(_began), Tally.ListingIncomplete) { Refusal = _refusal };
    }

    private static int GravityOf(StopReason reason) => reason switch
    {
        StopReason.None => 0,
        StopReason.ClaimLost => 4,
        StopReason.StoreUnusable => 3,
        StopReason.Canceled => 2,
        _ => 1,
    };

    /// <summary>Looks at the time budget, where something is to be done that is no file to begin.</summary>
    public void StopWhenTimeIsUp()
    {
        if (Stopped == StopReason.None && Request.Policy.TimeBudget is { } budget && time.GetElapsedTime(_began) >= budget)
        {
            Stop(StopReason.TimeBudget, $"the time budget of {budget} is used up");
        }
    }

    private void CountFailed(FileFailure failure) => Tally.Change(t => t with
    {
        Failed = t.Failed + 1,
        FailedRetryable = t.FailedRetryable + (failure.MayPass ? 1 : 0),
    });

    private static string Describe(StoreIdentity identity, StorePath? file) =>
        file is { } path ? (identity with { Root = identity.Absolute(path) }).ToString() : identity.ToString();
}
