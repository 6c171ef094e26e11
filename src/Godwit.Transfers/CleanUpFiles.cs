using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Record;

namespace Godwit.Transfers;

/// <summary>What becomes of the files of a batch that did not arrive: tried again, given up, or left for the next run; and what is
/// removed of them.</summary>
internal sealed class CleanUpFiles(MoveContext context, PublishFile publish, TransferRun run, ILedger ledger, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Takes the failed files apart: those to be tried again, and those given up, with all that was written of them removed.</summary>
    public async Task<IReadOnlyList<FileInFlight>> SortOutAsync(IReadOnlyList<FileInFlight> files, CancellationToken ct)
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

    /// <summary>Files that were not begun count as not attempted, and what is known of them from an earlier run stays for the next one;
    /// those that turned out to be there, or that others took, count as unchanged.</summary>
    public async Task PutBackAsync(FileInFlight[] files, CancellationToken ct)
    {
        run.CountUnchanged(files.Where(file => file.IsThere || file.IsTaken));
        long[] untouched =
        [
            .. files.Where(file => !file.IsRecorded && (file.IsThere || file.IsTaken || (file.Unfinished is null && !file.MayStand)))
                .Select(file => file.LedgerFile),
        ];
        if (untouched.Length > 0)
        {
            await ledger.ForgetFilesAsync(untouched, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Throws the file's upload away, also one that only its mark tells of.</summary>
    public async Task RemoveUploadAsync(FileInFlight file, CancellationToken ct)
    {
        if (file.MayHaveUpload && context.Destination.PartedWrite is { } parted)
        {
            PartedUpload? upload = file.Upload ?? await parted.ResumeAsync(
                file.Path, file.Tag, file.Unfinished?.UploadId, null, context.WriteOptionsFor(file), ct).ConfigureAwait(false);
            if (upload is not null)
            {
                await context.AbortAsync(file, upload, ct).ConfigureAwait(false);
            }
        }

        (file.Upload, file.Kept, file.MayHaveUpload) = (null, null, false);
    }

    /// <summary>After a stop nothing more is written, and partial data is removed but for large files that the next run goes on with.</summary>
    public async Task DropAsync(IReadOnlyList<FileInFlight> files)
    {
        if (run.Stopped == StopReason.ClaimLost)
        {
            // All that was under way here belongs to the run that has the claim now.
            return;
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), time);
        var gone = new List<long>();
        foreach (FileInFlight file in files.Where(file => file.Published is null && file.LedgerFile != 0 && file.Kept is null))
        {
            await QuietlyAsync(() => RemoveUploadAsync(file, limit.Token)).ConfigureAwait(false);
            if (LeavesNothing(file))
            {
                gone.Add(file.LedgerFile);
            }
        }

        await ledger.ForgetFilesAsync(gone, limit.Token).ConfigureAwait(false);
    }

    private bool MayTryAgain(FileInFlight file) =>
        run.Stopped == StopReason.None && file.Attempts < context.Policy.Attempts
        && !(context.Policy.StableFor > TimeSpan.Zero && file.Failure!.Kind == FileFailure.SourceChangedWord)
        && (file.Failure!.Next is NextStep.RestartFile or NextStep.RepeatCall or NextStep.RepeatCallLater
            || (file.Failure.Kind == "already-exists" && context.Policy is { Compare: CompareBy.Ledger, NoOverwrite: false }));

    private async Task CleanUpAsync(FileInFlight file, bool again, CancellationToken ct)
    {
        FileFailure failure = file.Failure!;
        if (file.Published is not null)
        {
            // The upload went into the file.
            (file.Upload, file.Kept, file.MayHaveUpload) = (null, null, false);
        }

        if (file.IsPlaced)
        {
            await QuietlyAsync(() => publish.WithdrawAsync(file, ct)).ConfigureAwait(false);
        }

        // What broke off on the way keeps its parts for the next try or the next run; what is wrong is thrown away whole.
        if (failure.Next is not (NextStep.RepeatCall or NextStep.RepeatCallLater or NextStep.RenewCredentials or NextStep.LeaveStore))
        {
            file.Kept = null;
        }

        if (file.Kept is null)
        {
            await QuietlyAsync(() => RemoveUploadAsync(file, ct)).ConfigureAwait(false);
            file.Upload = null;
        }

        if (again)
        {
            context.Observer.On(new FileRetried(file.Path, file.Attempts, failure) { Source = file.Item.Source.Path });
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
