using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Backup;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Saved;
using Godwit.Transfers.Queue;
using Godwit.Transfers.Record;
using Godwit.Transfers.Remove;

namespace Godwit.Transfers;

/// <summary>
/// The whole flow of a transfer, top to bottom: plan, queue, move, verify, publish, record, announce. The command line and the
/// service run this same code.
/// </summary>
public sealed class TransferFlow(
    ILedger ledger, RunHolder holder, OpenScratch openScratch, ITransferObserver observer, TimeProvider time)
{
    /// <summary>Runs a transfer to its end.</summary>
    /// <param name="request">What is to be moved.</param>
    /// <param name="tally">The counts, to be watched while it runs.</param>
    /// <param name="ct">A stop: what is under way is dropped cleanly, parts of large files stay for the next run.</param>
    /// <returns>How it went. A stop is a result too, not an exception.</returns>
    /// <exception cref="ClaimRefusedException">Another run writes there.</exception>
    /// <exception cref="StoreException">A root cannot be listed: nothing was moved.</exception>
    /// <exception cref="LedgerException">The ledger cannot be used. Nothing counts as delivered that it did not record.</exception>
    public async Task<TransferResult> RunAsync(TransferRequest request, TransferTally tally, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(tally);
        var run = new TransferRun(request, tally, observer, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        if (request.Policy.DryRun)
        {
            await PlanOnlyAsync(run, ct).ConfigureAwait(false);
            return run.Result();
        }

        TransferRecord record = run.RecordOf();
        ClaimKeeper claim = await ClaimKeeper.ClaimAsync(
            ledger, record, holder, why => run.LoseClaim(why, stop), time, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = claim.ConfigureAwait(false);
        observer.On(new TransferStarted(request.Id, request.Verb, record.Source, record.Destination));
        try
        {
            await MoveAllAsync(run, record.DestinationPath, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            run.StopFor(ct);
            if (run.LedgerFault is { } fault)
            {
                await TryEndAsync(run).ConfigureAwait(false);
                throw fault;
            }
        }
        catch (ClaimLostException)
        {
            run.LoseClaim(null, stop);
        }
        catch (Exception e) when (e is StoreException or LedgerException)
        {
            run.Fail();
            await TryEndAsync(run).ConfigureAwait(false);
            throw;
        }

        return await EndAsync(run).ConfigureAwait(false);
    }

    private async Task MoveAllAsync(TransferRun run, StorePath claimed, CancellationTokenSource stop)
    {
        TransferRequest request = run.Request;
        CancellationToken ct = stop.Token;
        if (await MeetsItselfAsync(request, ct).ConfigureAwait(false) is { } refusal)
        {
            run.Refuse(refusal);
            return;
        }

        var leftovers = new Leftovers(request, ledger, observer, time);
        await leftovers.LoadAsync(claimed, ct).ConfigureAwait(false);
        var context = new MoveContext(request, ledger, observer, time);
        using KeepBackup? backup = context.Backup;
        using var batch = new BatchFlow(context, run, ledger, time);
        using var batches = new FileBatches((files, token) => batch.RunAsync(files, stop, token), context.FilesAtOnce, context.LargeFilesAtOnce);
        SourceGuard? guard = SourceGuard.IsNeeded(request.Policy) ? new SourceGuard(request, leftovers.LacksReceipt, openScratch) : null;
        using ExternalSort<PlanItem>? order = OrderFiles.For(request.Policy.Order, openScratch)
            ?? (guard is null ? null : OrderFiles.ByPath(openScratch));
        using ContestedPlaces? contested = ContestedOf(run);
        using RemoveExtras? extras = ExtrasOf(run, contested, backup);
        using RemoveSourceDirectories? emptied = EmptiedOf(run);
        try
        {
            await PlanAsync(run, leftovers, batches, order, item => See(item, extras, emptied, guard), contested, ct).ConfigureAwait(false);
            run.KeepsSources = guard is null ? null : await guard.RefusalAsync(ct).ConfigureAwait(false);
            foreach (PlanItem item in order?.InOrder() ?? [])
            {
                await QueueAsync(run, item, leftovers, batches, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            await batches.CompleteAsync(ct).ConfigureAwait(false);
        }

        // What could not be looked at may want what is left of it.
        if (run.Stopped == StopReason.None && !run.Tally.ListingIncomplete)
        {
            await leftovers.RemoveRestAsync(ct).ConfigureAwait(false);
        }

        if (run.KeepsSources is { } kept)
        {
            run.Refuse(kept);
        }

        if (extras is not null && contested is { Any: true })
        {
            await extras.ClearTheWayAsync(ct).ConfigureAwait(false);
            await MoveFreedAsync(run, batch, context, contested, leftovers, stop).ConfigureAwait(false);
        }

        if (extras is not null)
        {
            await extras.RunAsync(ct).ConfigureAwait(false);
        }

        if (emptied is not null)
        {
            await emptied.RunAsync(ct).ConfigureAwait(false);
        }
    }

    private static void See(PlanItem item, RemoveExtras? extras, RemoveSourceDirectories? emptied, SourceGuard? guard)
    {
        guard?.See(item);
        extras?.See(item);
        emptied?.See(item);
    }

    private RemoveSourceDirectories? EmptiedOf(TransferRun run) =>
        run.Request is { Policy: { RemoveSource: true, KeepSourceDirectories: false }, Single: null, Source.Directories: not null }
            ? new RemoveSourceDirectories(run, ledger, observer, openScratch, time)
            : null;

    /// <summary>Moves what waited until something of another kind was deleted in its place.</summary>
    private async Task MoveFreedAsync(
        TransferRun run, BatchFlow batch, MoveContext context, ContestedPlaces contested, Leftovers leftovers, CancellationTokenSource stop)
    {
        CancellationToken ct = stop.Token;
        using var batches = new FileBatches((files, token) => batch.RunAsync(files, stop, token), context.FilesAtOnce, context.LargeFilesAtOnce);
        try
        {
            await foreach (PlanItem item in contested.FreedAsync(ct).ConfigureAwait(false))
            {
                await QueueAsync(run, item, leftovers, batches, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            await batches.CompleteAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Before the plan, which must not find what is written to find it out.</summary>
    private async Task<string?> MeetsItselfAsync(TransferRequest request, CancellationToken ct)
    {
        var places = new SamePlace(request.Source, request.Destination, time);
        string? refusal = request.Single is null
            ? await places.RefusesNestedAsync(request.Policy.Removal is not null, ct).ConfigureAwait(false)
            : null;
        return refusal is null && request.Policy.RemoveSource && request.Single is not { IsRenamed: true }
            ? await places.RefusesMoveAsync(ct).ConfigureAwait(false)
            : refusal;
    }

    private ContestedPlaces? ContestedOf(TransferRun run) => run.Request is { Policy.Removal: not null, Single: null }
        ? new ContestedPlaces(run, ledger, openScratch)
        : null;

    private RemoveExtras? ExtrasOf(TransferRun run, ContestedPlaces? contested, KeepBackup? backup) =>
        contested is not null && run.Request.Policy.Removal is { } removal
            ? new RemoveExtras(run, removal, contested, backup, ledger, observer, openScratch, time)
            : null;

    /// <summary>Plan: both sides are listed in step; directories are made on the way, files and links go to the queue.</summary>
    private async Task PlanAsync(
        TransferRun run, Leftovers leftovers, FileBatches batches, ExternalSort<PlanItem>? order, Action<PlanItem> see, ContestedPlaces? contested,
        CancellationToken ct)
    {
        await foreach (PlanChunk chunk in PlanOf(run.Request, ct).ConfigureAwait(false))
        {
            run.Tally.Count(chunk.Items);
            await run.ReportUnreadableAsync(chunk.Unreadable, ledger, ct).ConfigureAwait(false);
            foreach (PlanItem item in chunk.Items)
            {
                see(item);
                if (contested?.Takes(item) == true)
                {
                    continue;
                }

                if (order is not null && IsOrdered(item, run.Request.Policy))
                {
                    order.Add(item);
                }
                else
                {
                    await QueueAsync(run, item, leftovers, batches, ct).ConfigureAwait(false);
                }
            }

            await batches.FlushIfIdleAsync(ct).ConfigureAwait(false);
        }

        await run.ReportMissingAsync(ledger, ct).ConfigureAwait(false);
        run.Tally.CompletePlan(run.Request.Saved?.Counts.Totals, run.Request.Policy.RemoveSource);
    }

    private IAsyncEnumerable<PlanChunk> PlanOf(TransferRequest request, CancellationToken ct) => request.Saved is { } saved
        ? new ReplayPlan(request, saved, ledger).ReadAsync(ct)
        : new PlanTransfer(request, ledger, holder, openScratch, time).ReadAsync(ct);

    private async ValueTask QueueAsync(
        TransferRun run, PlanItem item, Leftovers leftovers, FileBatches batches, CancellationToken ct)
    {
        switch (item.Decision)
        {
            case PlanDecision.Move or PlanDecision.Compare or PlanDecision.MakeLink when run.MayBegin(item):
                await QueueFileAsync(run, item, leftovers, batches, ct).ConfigureAwait(false);
                break;
            case PlanDecision.Unchanged when leftovers.LacksReceipt(item):
                run.CountAdopted(item);
                if (run.MayBegin(item))
                {
                    await QueueFileAsync(run, item, leftovers, batches, ct).ConfigureAwait(false);
                }

                break;
            case PlanDecision.Unchanged when run.KeepsSources is null && SourceGuard.MayLeave(item, run.Request.Policy):
                run.CountAdopted(item);
                if (run.MayBegin(item))
                {
                    await QueueFileAsync(run, item with { Decision = PlanDecision.Compare }, leftovers, batches, ct).ConfigureAwait(false);
                }

                break;
            case PlanDecision.MakeDirectory:
                await run.MakeDirectoryAsync(item, ledger, ct).ConfigureAwait(false);
                break;
            case PlanDecision.Impossible:
                leftovers.Keep(item);
                await run.ReportFailureAsync(item, item.Failure!, ledger, ct).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Whether a line waits for the end of the plan: for its turn in the order, or, where a guard counts what a move deletes, because
    /// nothing may be deleted before that.</summary>
    private static bool IsOrdered(PlanItem item, TransferPolicy policy) => item.Decision is PlanDecision.Move or PlanDecision.Compare
        || (item.Decision is PlanDecision.MakeLink or PlanDecision.Unchanged && SourceGuard.IsNeeded(policy));

    private async Task QueueFileAsync(TransferRun run, PlanItem item, Leftovers leftovers, FileBatches batches, CancellationToken ct)
    {
        FileInFlight file;
        try
        {
            file = await leftovers.TakeAsync(item, onlyProof: item.Decision == PlanDecision.Unchanged, ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            // Begun now, the file would make the ledger forget what could not be removed.
            await run.ReportFailureAsync(item, FileFailure.From(e, StoreSide.Destination), ledger, ct).ConfigureAwait(false);
            return;
        }

        await batches.AddAsync(file, ct).ConfigureAwait(false);
    }

    private async Task PlanOnlyAsync(TransferRun run, CancellationToken ct)
    {
        using ExternalSort<PlanItem>? order = OrderFiles.For(run.Request.Policy.Order, openScratch);
        using ContestedPlaces? contested = ContestedOf(run);
        using RemoveExtras? extras = ExtrasOf(run, contested, null);
        using RemoveSourceDirectories? emptied = EmptiedOf(run);
        SourceGuard? guard = run.Request.Policy.RemoveSource ? new SourceGuard(run.Request, _ => false, openScratch) : null;
        using var dry = new DryRun(run, extras, emptied, order, openScratch, observer) { Guard = guard, Contested = contested };
        await dry.RunAsync(PlanOf(run.Request, ct), ct).ConfigureAwait(false);
    }

    /// <summary>Gives the claim back after a failure, which must not be hidden by another one.</summary>
    private async Task TryEndAsync(TransferRun run)
    {
        try
        {
            await EndAsync(run).ConfigureAwait(false);
        }
        catch (LedgerException)
        {
            // The claim ends with this process.
        }
    }

    /// <summary>Announce: how it ended is written down before anybody is told.</summary>
    private async Task<TransferResult> EndAsync(TransferRun run)
    {
        TransferResult result = run.Result();
        await ledger.EndTransferAsync(
            run.Request.Id, result.Outcome, result.Totals, Timestamp.From(time.GetUtcNow()), CancellationToken.None).ConfigureAwait(false);
        observer.On(new TransferEnded(run.Request.Id, result.Outcome, result.Totals, result.Took));
        return result;
    }
}
