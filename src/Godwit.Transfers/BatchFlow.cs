using Godwit.Storage;
using Godwit.Transfers.Check;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers;

/// <summary>The middle of the flow for some files at once: move, verify, publish, record. Each file goes on or fails by itself.</summary>
internal sealed class BatchFlow(MoveContext context, TransferRun run, ILedger ledger, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly ProveFile _prove = new(context);
    private readonly MoveFile _move = new(context, new ProveFile(context));
    private readonly PublishFile _publish = new(context);
    private readonly CompareContents _compare = new(
        context.Source, context.Destination, new CheckOptions { Compare = CompareBy.Checksum, Comparisons = context.Policy.Transfers }, time);
    private readonly SemaphoreSlim _files = new(context.Policy.Transfers);

    /// <summary>Runs the files to their outcomes. What cannot go on for all (the ledger) stops the transfer.</summary>
    public async Task RunAsync(IReadOnlyList<FileInFlight> files, CancellationTokenSource stop, CancellationToken ct)
    {
        try
        {
            await StartAsync(files, ct).ConfigureAwait(false);
            for (IReadOnlyList<FileInFlight> open = files; open.Count > 0;)
            {
                await TryAsync(open, ct).ConfigureAwait(false);
                await PutBackAsync([.. open.Where(file => file.NotBegun || file.IsThere)], ct).ConfigureAwait(false);
                open = await SortOutAsync(open, ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await DropAsync(files).ConfigureAwait(false);
            throw;
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    public void Dispose()
    {
        _files.Dispose();
        _compare.Dispose();
    }

    /// <summary>Nothing is written before the ledger knows what is ours.</summary>
    private async Task StartAsync(IReadOnlyList<FileInFlight> files, CancellationToken ct)
    {
        FileInFlight[] taken = [.. files.Where(file => file.Unfinished is not null)];
        if (taken.Length > 0)
        {
            await ledger.AdoptFilesAsync(context.Id, [.. taken.Select(file => file.Unfinished!.File)], ct).ConfigureAwait(false);
            Array.ForEach(taken, file => file.LedgerFile = file.Unfinished!.File);
        }

        FileInFlight[] fresh = [.. files.Where(file => file.Unfinished is null)];
        if (fresh.Length > 0)
        {
            IReadOnlyList<long> numbers = await ledger.StartFilesAsync(
                context.Id, [.. fresh.Select(context.IntentOf)], ct).ConfigureAwait(false);
            for (int i = 0; i < fresh.Length; i++)
            {
                fresh[i].LedgerFile = numbers[i];
            }
        }
    }

    private async Task TryAsync(IReadOnlyList<FileInFlight> files, CancellationToken ct)
    {
        IDurability? durability = context.Destination.Durability;

        // MOVE: all bytes are at the destination, unpublished where it can hold them so.
        await EachAsync(files, MoveAsync, ct).ConfigureAwait(false);
        FileInFlight[] uploaded = [.. files.Where(file => file.GoesOn && file.Upload is not null && file.Published is null)];
        await TogetherAsync(uploaded, durability, d => d.SyncUploadsAsync([.. uploaded.Select(file => file.Upload!)], ct)).ConfigureAwait(false);

        // VERIFY, then PUBLISH: nothing carries its final name before it is proved.
        await EachAsync(uploaded, _prove.BeforePublishingAsync, ct).ConfigureAwait(false);
        await EachAsync(uploaded, _publish.PublishAsync, ct).ConfigureAwait(false);
        await EachAsync(files, _prove.AfterPublishingAsync, ct).ConfigureAwait(false);

        // RECORD: the receipt comes after the file's bytes and name would survive a power failure.
        FileInFlight[] proved = [.. files.Where(file => file.GoesOn)];
        await TogetherAsync(proved, durability, d => d.SyncPublishedAsync([.. proved.Select(file => file.Path)], ct)).ConfigureAwait(false);
        await RecordAsync([.. proved.Where(file => file.GoesOn)], ct).ConfigureAwait(false);
    }

    private async Task MoveAsync(FileInFlight file, CancellationToken ct)
    {
        // Where the destination is full or a store unusable, the rest of the batch would only fail the same way; and a time budget ends
        // the run between two files, not between two batches.
        if (file.Attempts == 0 && run.TurnIsOver())
        {
            file.NotBegun = true;
            return;
        }

        file.Attempts++;
        if (file.Attempts > 1)
        {
            // The destination may have changed under us.
            file.Item = file.Item with { Existing = await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false) };
        }
        else if (file.OnlyProof)
        {
            await RemoveUploadAsync(file, ct).ConfigureAwait(false);
        }

        if (file.Item is { Decision: PlanDecision.Compare, Existing: not null } && await HasSameContentAsync(file, ct).ConfigureAwait(false))
        {
            await RemoveUploadAsync(file, ct).ConfigureAwait(false);
            file.IsThere = true;
            return;
        }

        context.Observer.On(new FileStarted(file.Path, file.Item.Source.Length, file.Unfinished is { Parts.Count: > 0 }));
        await _move.MoveAsync(file, ct).ConfigureAwait(false);
    }

    private async Task<bool> HasSameContentAsync(FileInFlight file, CancellationToken ct)
    {
        CheckLine line = await _compare.JudgeAsync(file.Item.Source, file.Item.Existing!, ct).ConfigureAwait(false);
        return line.Verdict == CheckVerdict.Match;
    }

    private async Task RecordAsync(FileInFlight[] delivered, CancellationToken ct)
    {
        if (delivered.Length == 0)
        {
            return;
        }

        Receipt[] receipts = [.. delivered.Select(ReceiptOf)];
        await ledger.RecordDeliveredAsync(context.Id, receipts, ct).ConfigureAwait(false);
        run.CountDelivered(receipts);
        for (int i = 0; i < delivered.Length; i++)
        {
            context.Observer.On(new FileDelivered(delivered[i].Path, receipts[i]));
        }
    }

    private Receipt ReceiptOf(FileInFlight file) => new()
    {
        File = file.LedgerFile,
        Intent = context.IntentOf(file),
        DestinationVersion = file.Published!.ResumeVersion,
        Checksums = file.Checksums,
        Verdict = file.Verdict ?? throw new InvalidOperationException($"\"{file.Path}\" has no verdict."),
        Route = file.Route,
        SentBytes = file.Sent,
        Delivered = Timestamp.From(time.GetUtcNow()),
    };

    /// <summary>Takes the failed files apart: those to be tried again, and those given up, with all that was written of them removed.</summary>
    private async Task<IReadOnlyList<FileInFlight>> SortOutAsync(IReadOnlyList<FileInFlight> files, CancellationToken ct)
    {
        FileInFlight[] failed = [.. files.Where(file => file.Failure is not null)];
        if (failed.Length == 0)
        {
            return [];
        }

        FileInFlight[] again = [.. failed.Where(MayTryAgain)];
        await ledger.RecordAttemptsAsync(context.Id, [.. failed.Select(file => AttemptOf(file, !again.Contains(file)))], ct).ConfigureAwait(false);
        foreach (FileInFlight file in failed)
        {
            await CleanUpAsync(file, again.Contains(file), ct).ConfigureAwait(false);
        }

        if (again.Length > 0)
        {
            await Task.Delay(FirstPause * (1 << again[0].Attempts), time, ct).ConfigureAwait(false);
        }

        return again;
    }

    /// <summary>Files that were not begun count as not attempted, and what an earlier run left of them stays for the next one; those that
    /// are there count as unchanged.</summary>
    private async Task PutBackAsync(FileInFlight[] files, CancellationToken ct)
    {
        run.CountUnchanged(files.Where(file => file.IsThere));
        long[] untouched = [.. files.Where(file => file.IsThere || file.Unfinished is null).Select(file => file.LedgerFile)];
        if (untouched.Length > 0)
        {
            await ledger.ForgetFilesAsync(untouched, ct).ConfigureAwait(false);
        }
    }

    private bool MayTryAgain(FileInFlight file) =>
        run.Stopped == StopReason.None && file.Attempts < context.Policy.Attempts
        && (file.Failure!.Next is NextStep.RestartFile or NextStep.RepeatCall or NextStep.RepeatCallLater
            || (file.Failure.Kind == "already-exists" && !context.Policy.NoOverwrite));

    private async Task CleanUpAsync(FileInFlight file, bool again, CancellationToken ct)
    {
        FileFailure failure = file.Failure!;
        if (file.Published is not null)
        {
            // The upload went into the file.
            (file.Upload, file.MayHaveUpload) = (null, false);
        }

        if (file.IsPlaced)
        {
            await QuietlyAsync(() => _publish.WithdrawAsync(file, ct)).ConfigureAwait(false);
        }

        // What broke off on the way keeps its parts for the next try or the next run; what is wrong is thrown away whole.
        bool keep = file.Upload is not null && file.Parts.Length > 1 && failure.Next is NextStep.RepeatCall or NextStep.RepeatCallLater or NextStep.RenewCredentials;
        if (!keep)
        {
            await QuietlyAsync(() => RemoveUploadAsync(file, ct)).ConfigureAwait(false);
            file.Upload = null;
        }

        if (again)
        {
            context.Observer.On(new FileRetried(file.Path, file.Attempts, failure));
            run.CountRetry();
            file.BeginAgain();
            return;
        }

        if (LeavesNothing(file))
        {
            await ledger.ForgetFilesAsync([file.LedgerFile], ct).ConfigureAwait(false);
        }

        run.GiveUp(file, failure);
    }

    private static bool LeavesNothing(FileInFlight file) => !file.MayHaveUpload && !file.MayStand;

    /// <summary>Throws the file's upload away, also one that only its mark tells of.</summary>
    private async Task RemoveUploadAsync(FileInFlight file, CancellationToken ct)
    {
        if (file.MayHaveUpload && context.Destination.PartedWrite is { } parted)
        {
            PartedUpload? upload = file.Upload ?? await parted.ResumeAsync(
                file.Path, file.Tag, file.Unfinished?.UploadId, null, context.WriteOptionsFor(file), ct).ConfigureAwait(false);
            if (upload is not null)
            {
                await parted.AbortAsync(upload, ct).ConfigureAwait(false);
            }
        }

        (file.Upload, file.MayHaveUpload) = (null, false);
    }

    /// <summary>After a stop nothing more is written, and partial data is removed but for large files that the next run goes on with.</summary>
    private async Task DropAsync(IReadOnlyList<FileInFlight> files)
    {
        if (run.Stopped == StopReason.ClaimLost)
        {
            // All that was under way here belongs to the run that has the claim now.
            return;
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), time);
        var gone = new List<long>();
        foreach (FileInFlight file in files.Where(file => file.Published is null && file.LedgerFile != 0 && !MayGoOn(file)))
        {
            await QuietlyAsync(() => RemoveUploadAsync(file, limit.Token)).ConfigureAwait(false);
            if (LeavesNothing(file))
            {
                gone.Add(file.LedgerFile);
            }
        }

        await ledger.ForgetFilesAsync(gone, limit.Token).ConfigureAwait(false);
    }

    /// <summary>Whether the next run can go on inside the file, with parts that this run or an earlier one sent.</summary>
    private static bool MayGoOn(FileInFlight file) => file.Parts.Length > 1 || file.Unfinished is { PartSize: > 0 };

    /// <summary>Takes one step with each file that goes on. A worker keeps its place for many files: handing it over for each one would
    /// cost more than a small file does.</summary>
    private Task EachAsync(IReadOnlyList<FileInFlight> files, Func<FileInFlight, CancellationToken, Task> step, CancellationToken ct)
    {
        FileInFlight[] open = [.. files.Where(file => file.GoesOn)];
        int next = -1;
        int workers = Math.Min(open.Length, context.Policy.Transfers);
        return Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync, CancellationToken.None)));

        async Task WorkAsync()
        {
            await _files.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                for (int i = Interlocked.Increment(ref next); i < open.Length; i = Interlocked.Increment(ref next))
                {
                    ct.ThrowIfCancellationRequested();
                    await StepAsync(open[i], step, ct).ConfigureAwait(false);
                }
            }
            finally
            {
                _files.Release();
            }
        }
    }

    private async Task StepAsync(FileInFlight file, Func<FileInFlight, CancellationToken, Task> step, CancellationToken ct)
    {
        try
        {
            await step(file, ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            file.Failure = FileFailure.From(e, StoreSide.Unknown);
            run.StopIfHopeless(file.Failure);
        }
    }

    private static async Task TogetherAsync(FileInFlight[] files, IDurability? durability, Func<IDurability, ValueTask> step)
    {
        if (files.Length == 0 || durability is null)
        {
            return;
        }

        try
        {
            await step(durability).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            var failure = FileFailure.From(e, StoreSide.Destination);
            Array.ForEach(files, file => file.Failure = failure);
        }
    }

    /// <summary>Cleaning up after a failure must not hide the failure: what could not be removed is still in the ledger.</summary>
    private static async Task QuietlyAsync(Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (StoreException)
        {
        }
    }

    private FileAttempt AttemptOf(FileInFlight file, bool final) => run.AttemptOf(file.LedgerFile, file.Item, file.Attempts, file.Failure!, final);
}
