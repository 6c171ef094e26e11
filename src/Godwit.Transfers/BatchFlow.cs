using Godwit.Storage;
using Godwit.Transfers.Backup;
using Godwit.Transfers.Check;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;
using Godwit.Transfers.Remove;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers;

/// <summary>The middle of the flow for some files at once: move, verify, publish, record. Each file goes on or fails by itself.</summary>
internal sealed class BatchFlow : IDisposable
{
    private readonly MoveContext _context;
    private readonly TransferRun _run;
    private readonly ILedger _ledger;
    private readonly TimeProvider _time;
    private readonly ProveFile _prove;
    private readonly StandingFiles _standing;
    private readonly MoveFile _move;
    private readonly PublishFile _publish;
    private readonly CleanUpFiles _cleanUp;
    private readonly RemoveSources _removeSources;
    private readonly CompareContents _compare;
    private readonly AppearedFiles _appeared;
    private readonly TakenFiles _taken;
    private readonly FileSteps _steps;
    private readonly PutAside _aside;

    public BatchFlow(MoveContext context, TransferRun run, ILedger ledger, TimeProvider time)
    {
        (_context, _run, _ledger, _time) = (context, run, ledger, time);
        var link = new MakeLink(context);
        _prove = new ProveFile(context, link);
        _standing = new StandingFiles(context);
        _move = new MoveFile(context, _prove, link);
        _publish = new PublishFile(context, _prove);
        _cleanUp = new CleanUpFiles(context, _publish, run, ledger, time);
        _removeSources = new RemoveSources(context, run, ledger);
        var byChecksum = new CheckOptions { Compare = CompareBy.Checksum, Comparisons = context.FilesAtOnce };
        _compare = new CompareContents(context.Source, context.Destination, byChecksum, time);
        _appeared = new AppearedFiles(context, _compare, _cleanUp, _prove);
        _taken = new TakenFiles(context, _cleanUp);
        _steps = new FileSteps(context.FilesAtOnce, run);
        _aside = new PutAside(context, run);
    }

    /// <summary>Runs the files to their outcomes. What cannot go on for all (the ledger) stops the transfer.</summary>
    public async Task RunAsync(IReadOnlyList<FileInFlight> files, CancellationTokenSource stop, CancellationToken ct)
    {
        try
        {
            await StartAsync(files, ct).ConfigureAwait(false);
            for (IReadOnlyList<FileInFlight> open = files; open.Count > 0;)
            {
                await TryAsync(open, ct).ConfigureAwait(false);
                await _taken.JudgeAsync(open, ct).ConfigureAwait(false);
                await _appeared.JudgeAsync(open, ct).ConfigureAwait(false);
                await RecordThereAsync(open, ct).ConfigureAwait(false);
                await _cleanUp.PutBackAsync([.. open.Where(file => file.NotBegun || file.IsThere || file.IsTaken)], ct).ConfigureAwait(false);
                open = await _cleanUp.SortOutAsync(open, ct).ConfigureAwait(false);
            }

            if (_context.Policy.RemoveSource && _run.KeepsSources is null)
            {
                await _removeSources.RunAsync([.. files.Where(file => file.IsRecorded || file.IsThere)], ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await _cleanUp.DropAsync(files).ConfigureAwait(false);
            throw;
        }
        catch (ClaimLostException)
        {
            // What is under way belongs to the run that has the claim now: nothing of it is removed.
            _run.LoseClaim(null, stop);
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
        _steps.Dispose();
        _compare.Dispose();
    }

    /// <summary>Nothing is written before the ledger knows what is ours.</summary>
    private async Task StartAsync(IReadOnlyList<FileInFlight> files, CancellationToken ct)
    {
        FileInFlight[] taken = [.. files.Where(file => file.Unfinished is not null)];
        if (taken.Length > 0)
        {
            await _ledger.AdoptFilesAsync(_context.Id, [.. taken.Select(file => file.Unfinished!.File)], ct).ConfigureAwait(false);
            Array.ForEach(taken, file => file.LedgerFile = file.Unfinished!.File);
        }

        FileInFlight[] fresh = [.. files.Where(file => file.Unfinished is null)];
        if (fresh.Length > 0)
        {
            IReadOnlyList<long> numbers = await _ledger.StartFilesAsync(
                _context.Id, [.. fresh.Select(_context.IntentOf)], ct).ConfigureAwait(false);
            for (int i = 0; i < fresh.Length; i++)
            {
                fresh[i].LedgerFile = numbers[i];
            }
        }
    }

    private async Task TryAsync(IReadOnlyList<FileInFlight> files, CancellationToken ct)
    {
        // MOVE: all bytes are at the destination, unpublished where it can hold them so.
        await _steps.EachAsync(files, MoveAsync, ct).ConfigureAwait(false);
        FileInFlight[] uploaded = [.. files.Where(file => file.GoesOn && file.Upload is not null && file.Published is null)];
        await SyncAsync(uploaded, d => d.SyncUploadsAsync([.. uploaded.Select(file => file.Upload!)], ct)).ConfigureAwait(false);

        // VERIFY, then PUBLISH: nothing carries its final name before it is proved.
        await _steps.EachAsync(uploaded, _prove.BeforePublishingAsync, ct).ConfigureAwait(false);
        await _aside.KeepAsync(uploaded, _steps, ct).ConfigureAwait(false);
        await _steps.EachAsync(uploaded, PublishAsync, ct).ConfigureAwait(false);
        foreach (FileInFlight file in files.Where(file => file.Published is not null))
        {
            _standing.Add(file.Published!);
        }

        await _steps.EachAsync(files, _prove.AfterPublishingAsync, ct).ConfigureAwait(false);

        // RECORD: the receipt comes after the file's bytes and name would survive a power failure.
        FileInFlight[] proved = [.. files.Where(file => file.GoesOn)];
        await SyncAsync(proved, d => d.SyncPublishedAsync([.. proved.Select(file => file.Path)], ct)).ConfigureAwait(false);
        await RecordAsync([.. proved.Where(file => file.GoesOn)], ct).ConfigureAwait(false);
    }

    private Task SyncAsync(FileInFlight[] files, Func<IDurability, ValueTask> sync) =>
        FileSteps.TogetherAsync(files, () => _context.Destination.Durability is { } durability ? sync(durability) : ValueTask.CompletedTask);

    private async Task MoveAsync(FileInFlight file, CancellationToken ct)
    {
        // Where the destination is full or a store unusable, the rest of the batch would only fail the same way; and a time budget ends
        // the run between two files, not between two batches.
        if (file.Attempts == 0 && _run.TurnIsOver())
        {
            file.NotBegun = true;
            return;
        }

        file.Attempts++;
        if (file.Attempts > 1)
        {
            file.Item = file.Item with { Existing = await _standing.LookAsync(file, ct).ConfigureAwait(false) };
        }
        else if (file.OnlyProof)
        {
            await _cleanUp.RemoveUploadAsync(file, ct).ConfigureAwait(false);
        }

        if (file.Item is { Decision: PlanDecision.Compare, Existing: not null } && await HasSameContentAsync(file, ct).ConfigureAwait(false))
        {
            if (file.Item.Expected is not null)
            {
                await _prove.Source.DigestAsync(file, ct).ConfigureAwait(false);
            }

            await _cleanUp.RemoveUploadAsync(file, ct).ConfigureAwait(false);
            file.IsThere = true;
            return;
        }

        if (_move.PublishesAtOnce(file))
        {
            // The receipt would make the ledger forget it.
            await _cleanUp.RemoveUploadAsync(file, ct).ConfigureAwait(false);
            await _aside.KeepAsync(file, ct).ConfigureAwait(false);
        }

        _context.Observer.On(
            new FileStarted(file.Path, file.Item.Source.Length, file.Unfinished is { Parts.Count: > 0 }) { Source = file.Item.Source.Path });
        await _move.MoveAsync(file, ct).ConfigureAwait(false);
    }

    private async Task PublishAsync(FileInFlight file, CancellationToken ct)
    {
        await _aside.KeepNewerAsync(file, ct).ConfigureAwait(false);
        await _publish.PublishAsync(file, ct).ConfigureAwait(false);
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
        await _ledger.RecordDeliveredAsync(_context.Id, receipts, ct).ConfigureAwait(false);
        _run.CountDelivered(receipts);
        for (int i = 0; i < delivered.Length; i++)
        {
            delivered[i].IsRecorded = true;
            if (delivered[i].IsLink)
            {
                _context.Observer.On(new EntryMade(delivered[i].Path, EntryKind.Link));
            }

            _context.Observer.On(new FileDelivered(delivered[i].Path, receipts[i]) { Source = delivered[i].Item.Source.Path });
        }
    }

    /// <summary>What was there and is proved gets its receipt, so that the next plan by the ledger need not ask. It still counts as unchanged.</summary>
    private async Task RecordThereAsync(IReadOnlyList<FileInFlight> files, CancellationToken ct)
    {
        FileInFlight[] there = [.. files.Where(file => file is { IsThere: true, IsRecorded: false, Published: not null, Verdict: not null })];
        await SyncAsync(there, d => d.SyncPublishedAsync([.. there.Select(file => file.Path)], ct)).ConfigureAwait(false);
        Array.ForEach([.. there.Where(file => file.Failure is not null)], file => (file.IsThere, file.Published) = (false, null));
        FileInFlight[] proved = [.. there.Where(file => file.IsThere)];
        if (proved.Length > 0)
        {
            await _ledger.RecordDeliveredAsync(_context.Id, [.. proved.Select(ReceiptOf)], ct).ConfigureAwait(false);
            Array.ForEach(proved, file => file.IsRecorded = true);
        }
    }

    private Receipt ReceiptOf(FileInFlight file) => new()
    {
        File = file.LedgerFile,
        Intent = _context.IntentOf(file),
        DestinationVersion = file.Published!.ResumeVersion,
        Checksums = file.Checksums,
        Verdict = file.Verdict ?? throw new InvalidOperationException($"\"{file.Path}\" has no verdict."),
        SourceProof = file.SourceProof,
        Route = file.Route,
        RouteReason = file.RouteReason,
        SentBytes = file.Sent,
        Backup = file.Backup is { } kept ? _context.Backup!.Absolute(kept) : null,
        Delivered = Timestamp.From(_time.GetUtcNow()),
    };
}
