using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Saved;
using Godwit.Transfers.Record;

namespace Godwit.Transfers;

/// <summary>What ends before it goes to the queue: directories, and what cannot be moved.</summary>
internal sealed partial class TransferRun
{
    /// <summary>Makes a directory. After a stop nothing more is written, not even that.</summary>
    public async ValueTask MakeDirectoryAsync(PlanItem item, ILedger ledger, CancellationToken ct)
    {
        StopWhenTimeIsUp();
        if (Stopped != StopReason.None || Request.Destination.Directories is not { } directories)
        {
            return;
        }

        try
        {
            await directories.CreateAsync(item.Destination, ct).ConfigureAwait(false);
            Tally.Change(t => t with { Directories = t.Directories + 1 });
            observer.On(new EntryMade(item.Destination, EntryKind.Directory));
        }
        catch (StoreException e)
        {
            FileFailure failure = await SpecialAtAsync(e, item.Destination, ct).ConfigureAwait(false) ?? FileFailure.From(e, StoreSide.Destination);
            await ReportUnplannedAsync(item.Destination, failure, ledger, ct).ConfigureAwait(false);
        }
    }

    /// <summary>The failure of what needs a directory where the destination has a device, pipe or socket. A plan by the ledger does not look at the
    /// destination, and cannot tell.</summary>
    /// <param name="error">What the destination said.</param>
    /// <param name="directory">The directory that was needed.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>Null where it is something else.</returns>
    public async ValueTask<FileFailure?> SpecialAtAsync(StoreException error, StorePath directory, CancellationToken ct)
    {
        if (Request.Policy.Compare != CompareBy.Ledger || error is not { Kind: StoreErrorKind.Unsupported, Side: StoreSide.Destination })
        {
            return null;
        }

        for (StorePath at = directory; !at.IsRoot; at = at.Parent)
        {
            try
            {
                if (await Request.Destination.StatAsync(at, ct).ConfigureAwait(false) is { Kind: EntryKind.Other })
                {
                    return new Contest(at, EntryKind.Other).Failure("move it away, or name another destination", mayPass: false);
                }
            }
            catch (StoreException)
            {
                // Below what is no directory nothing can be looked at; what is above it can.
            }
        }

        return null;
    }

    /// <summary>A thing that is given up before it was begun. A dry run has no ledger.</summary>
    /// <param name="item">The plan's line.</param>
    /// <param name="failure">Why.</param>
    /// <param name="ledger">Where it is written down.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <param name="isPlanned">Whether the plan counts it; what it does not count counts when it fails, so that the outcomes add up.</param>
    public async ValueTask ReportFailureAsync(PlanItem item, FileFailure failure, ILedger? ledger, CancellationToken ct, bool isPlanned = true)
    {
        Tally.Change(t => t with
        {
            Planned = t.Planned + (isPlanned ? 0 : 1),
            PlannedBytes = t.PlannedBytes - (isPlanned && Request.Policy.DryRun ? item.Source.Length : 0),
        });
        if (ledger is not null)
        {
            await ledger.RecordAttemptsAsync(Request.Id, [AttemptOf(0, item, 1, failure, true)], ct).ConfigureAwait(false);
        }

        CountFailed(failure);
        observer.On(FileFailed.Of(item, 1, failure));
        StopIfHopeless(failure);
    }

    /// <summary>What could not be looked at counts as planned and failed: it may be a file that has to move.</summary>
    public async ValueTask ReportUnreadableAsync(IReadOnlyList<StoreException> errors, ILedger? ledger, CancellationToken ct)
    {
        foreach (StoreException error in errors)
        {
            Tally.MarkIncomplete();
            await ReportUnplannedAsync(error.Path ?? StorePath.Root, FileFailure.From(error, error.Side), ledger, ct).ConfigureAwait(false);
        }
    }

    /// <summary>What was asked for by name and is not there counts as planned and failed.</summary>
    public async ValueTask ReportMissingAsync(ILedger? ledger, CancellationToken ct)
    {
        foreach (StorePath path in Request.Filter.Missing())
        {
            await ReportUnplannedAsync(path, FileFailure.NotThere, ledger, ct).ConfigureAwait(false);
            Request.SavePlan?.Add(new PlannedLine { Decision = PlanDecision.Impossible, Source = path, Destination = path, Failure = FileFailure.NotThere });
        }
    }

    public FileAttempt AttemptOf(long file, PlanItem item, int number, FileFailure failure, bool final) => new()
    {
        File = file,
        Source = Request.Source.Identity.Absolute(item.Source.Path),
        Destination = Request.Destination.Identity.Absolute(item.Destination),
        Number = number,
        Kind = failure.Kind,
        Side = failure.Side,
        Message = failure.Message,
        MayPass = failure.MayPass,
        Final = final,
        Ended = Timestamp.From(time.GetUtcNow()),
    };

    /// <summary>A file that arrived, or was there, and could not be deleted at the source counts as failed, and as nothing else.</summary>
    public async ValueTask ReportKeptAsync(FileInFlight file, FileFailure failure, ILedger ledger, CancellationToken ct)
    {
        (PlanItem item, int attempt, long length) = (file.Item, file.Attempts + 1, file.Item.Source.Length);
        Tally.Change(t => file.IsThere
            ? t with { Planned = t.Planned + 1, PlannedBytes = t.PlannedBytes + length, Unchanged = t.Unchanged - 1 }
            : t with { Delivered = t.Delivered - 1, DeliveredBytes = t.DeliveredBytes - length });
        await ledger.RecordAttemptsAsync(Request.Id, [AttemptOf(0, item, attempt, failure, true)], ct).ConfigureAwait(false);
        CountFailed(failure);
        observer.On(FileFailed.Of(item, attempt, failure));
        StopIfHopeless(failure);
    }

    /// <summary>What the plan does not count counts as planned when it fails, so that the outcomes add up.</summary>
    public ValueTask ReportUnplannedAsync(StorePath path, FileFailure failure, ILedger? ledger, CancellationToken ct)
    {
        var entry = new StoreEntry { Path = path, Kind = EntryKind.Other };
        return ReportFailureAsync(new PlanItem(PlanDecision.Impossible, failure.Kind, entry, path, null), failure, ledger, ct, isPlanned: false);
    }
}
