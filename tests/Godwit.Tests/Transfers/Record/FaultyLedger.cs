using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers.Record;

/// <summary>A ledger with a planted fault: what is given replaces the call.</summary>
internal sealed class FaultyLedger(ILedger inner) : ForwardingLedger(inner)
{
    public ILedger Sound => Inner;

    public Func<TransferRecord, RunHolder, ValueTask<TransferRecord?>>? Begin { get; init; }

    public Func<string, ValueTask<bool>>? Renew { get; init; }

    public Func<string, TransferOutcome, TransferTotals, Timestamp, ValueTask>? End { get; init; }

    public Func<IReadOnlyList<TransferRecord>, IReadOnlyList<TransferRecord>> Listed { get; init; } = all => all;

    public Func<IReadOnlyList<TransferRecord>, IReadOnlyList<TransferRecord>> Found { get; init; } = all => all;

    public Func<string, IReadOnlyList<FileIntent>, CancellationToken, ValueTask<IReadOnlyList<long>>>? Start { get; init; }

    public Func<string, IReadOnlyList<long>, ValueTask>? Adopt { get; init; }

    public Func<long, string, long, ValueTask>? Upload { get; init; }

    public Func<long, Timestamp, ValueTask>? Completing { get; init; }

    public Func<long, IReadOnlyList<FilePart>, ValueTask>? Parts { get; init; }

    public Func<string, IReadOnlyList<Receipt>, ValueTask>? Delivered { get; init; }

    public Func<IReadOnlyList<FileMark>, ValueTask>? Marking { get; init; }

    public Func<IReadOnlyList<FileAttempt>, IReadOnlyList<FileAttempt>> Attempts { get; init; } = all => all;

    public Func<StorePath, StorePath> Below { get; init; } = path => path;

    public Func<IReadOnlyList<UnfinishedFile>, IReadOnlyList<UnfinishedFile>> Unfinished { get; init; } = all => all;

    public Func<RunHolder, RunHolder> Asking { get; init; } = holder => holder;

    public bool ForgetsNothing { get; init; }

    public Func<ReceiptScope, ReceiptScope> Scope { get; init; } = scope => scope;

    public Func<IReadOnlyList<Delivery>, IReadOnlyList<Delivery>> FoundDeliveries { get; init; } = all => all;

    public Func<PlaceSearch, PlaceSearch> Place { get; init; } = search => search;

    public bool CutsPages { get; init; }

    public bool AlwaysFirstPage { get; init; }

    public override ValueTask<TransferRecord?> BeginTransferAsync(TransferRecord transfer, RunHolder holder, CancellationToken ct) =>
        Begin is null ? base.BeginTransferAsync(transfer, holder, ct) : Begin(transfer, holder);

    public override ValueTask<bool> RenewAsync(string transferId, CancellationToken ct) =>
        Renew is null ? base.RenewAsync(transferId, ct) : Renew(transferId);

    public override ValueTask EndTransferAsync(
        string transferId, TransferOutcome outcome, TransferTotals totals, Timestamp ended, CancellationToken ct) =>
        End is null ? base.EndTransferAsync(transferId, outcome, totals, ended, ct) : End(transferId, outcome, totals, ended);

    public override async ValueTask<IReadOnlyList<TransferRecord>> ListTransfersAsync(int limit, Timestamp? before, CancellationToken ct) =>
        Listed(await base.ListTransfersAsync(limit, before, ct));

    public override async ValueTask<IReadOnlyList<TransferRecord>> FindTransfersAsync(string idPrefix, CancellationToken ct) =>
        Found(await base.FindTransfersAsync(idPrefix, ct));

    public override ValueTask<IReadOnlyList<long>> StartFilesAsync(
        string transferId, IReadOnlyList<FileIntent> files, CancellationToken ct) =>
        Start is null ? base.StartFilesAsync(transferId, files, ct) : Start(transferId, files, ct);

    public override ValueTask AdoptFilesAsync(string transferId, IReadOnlyList<long> files, CancellationToken ct) =>
        Adopt is null ? base.AdoptFilesAsync(transferId, files, ct) : Adopt(transferId, files);

    public override ValueTask RecordUploadAsync(long file, string uploadId, long partSize, CancellationToken ct) =>
        Upload is null ? base.RecordUploadAsync(file, uploadId, partSize, ct) : Upload(file, uploadId, partSize);

    public override ValueTask RecordCompletingAsync(long file, Timestamp when, CancellationToken ct) =>
        Completing is null ? base.RecordCompletingAsync(file, when, ct) : Completing(file, when);

    public override ValueTask RecordPartsAsync(long file, IReadOnlyList<FilePart> parts, CancellationToken ct) =>
        Parts is null ? base.RecordPartsAsync(file, parts, ct) : Parts(file, parts);

    public override ValueTask RecordDeliveredAsync(string transferId, IReadOnlyList<Receipt> receipts, CancellationToken ct) =>
        Delivered is null ? base.RecordDeliveredAsync(transferId, receipts, ct) : Delivered(transferId, receipts);

    public override ValueTask RecordAttemptsAsync(string transferId, IReadOnlyList<FileAttempt> attempts, CancellationToken ct) =>
        base.RecordAttemptsAsync(transferId, Attempts(attempts), ct);

    public override async ValueTask<IReadOnlyList<UnfinishedFile>> FindUnfinishedAsync(
        string destinationSpace, StorePath below, CancellationToken ct) =>
        Unfinished(await base.FindUnfinishedAsync(destinationSpace, Below(below), ct));

    public override ValueTask<IReadOnlyList<FileUnderWay>> ListUnderWayAsync(
        string destinationSpace, StorePath below, RunHolder asking, CancellationToken ct) =>
        base.ListUnderWayAsync(destinationSpace, below, Asking(asking), ct);

    public override ValueTask ForgetDeliveredAsync(string destinationSpace, IReadOnlyList<StorePath> paths, CancellationToken ct) =>
        ForgetsNothing ? ValueTask.CompletedTask : base.ForgetDeliveredAsync(destinationSpace, paths, ct);

    public override ValueTask ForgetFilesAsync(IReadOnlyList<long> files, CancellationToken ct) =>
        ForgetsNothing ? ValueTask.CompletedTask : base.ForgetFilesAsync(files, ct);

    public override async ValueTask<IReadOnlyList<Receipt>> ListReceiptsAsync(
        ReceiptScope scope, StorePath? after, int limit, CancellationToken ct) =>
        Cut(await base.ListReceiptsAsync(Scope(scope), after, limit, ct), limit);

    public override ValueTask<IReadOnlyList<Receipt>> ListDeliveredAsync(
        string transferId, StorePath? after, int limit, CancellationToken ct) =>
        base.ListDeliveredAsync(transferId, AlwaysFirstPage ? null : after, limit, ct);

    public override async ValueTask<IReadOnlyList<FileAttempt>> ListFailedAsync(
        string transferId, StorePath? after, int limit, CancellationToken ct) =>
        Cut(await base.ListFailedAsync(transferId, after, limit, ct), limit);

    public override ValueTask RecordMarksAsync(IReadOnlyList<FileMark> marks, CancellationToken ct) =>
        Marking?.Invoke(marks) ?? base.RecordMarksAsync(marks, ct);

    public override async ValueTask<IReadOnlyList<FileMark>> ListMarksAsync(ReceiptScope scope, StorePath? after, int limit, CancellationToken ct) =>
        Cut(await base.ListMarksAsync(scope, after, limit, ct), limit);

    public override async ValueTask<IReadOnlyList<Delivery>> FindDeliveriesAsync(
        PlaceSearch search, Delivery? after, int limit, CancellationToken ct) =>
        FoundDeliveries(await base.FindDeliveriesAsync(Place(search), after, limit, ct));

    public override async ValueTask<IReadOnlyList<FileMark>> FindMarksAsync(PlaceSearch search, FileMark? after, int limit, CancellationToken ct) =>
        Cut(await base.FindMarksAsync(search, after, limit, ct), limit);

    private IReadOnlyList<T> Cut<T>(IReadOnlyList<T> page, int limit) => CutsPages ? [.. page.Take(limit)] : page;
}
