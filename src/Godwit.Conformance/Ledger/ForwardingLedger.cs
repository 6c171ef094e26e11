using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Conformance.Ledger;

/// <summary>The calls of the ledger, one name each.</summary>
public enum LedgerStep
{
    /// <summary><see cref="ILedger.BeginTransferAsync"/>.</summary>
    BeginTransfer,

    /// <summary><see cref="ILedger.RenewAsync"/>.</summary>
    Renew,

    /// <summary><see cref="ILedger.EndTransferAsync"/>.</summary>
    EndTransfer,

    /// <summary><see cref="ILedger.ListTransfersAsync"/>.</summary>
    ListTransfers,

    /// <summary><see cref="ILedger.FindTransfersAsync"/>.</summary>
    FindTransfers,

    /// <summary><see cref="ILedger.StartFilesAsync"/>.</summary>
    StartFiles,

    /// <summary><see cref="ILedger.AdoptFilesAsync"/>.</summary>
    AdoptFiles,

    /// <summary><see cref="ILedger.RecordUploadAsync"/>.</summary>
    RecordUpload,

    /// <summary><see cref="ILedger.RecordCompletingAsync"/>.</summary>
    RecordCompleting,

    /// <summary><see cref="ILedger.RecordPartsAsync"/>.</summary>
    RecordParts,

    /// <summary><see cref="ILedger.RecordDeliveredAsync"/>.</summary>
    RecordDelivered,

    /// <summary><see cref="ILedger.RecordAttemptsAsync"/>.</summary>
    RecordAttempts,

    /// <summary><see cref="ILedger.FindUnfinishedAsync"/>.</summary>
    FindUnfinished,

    /// <summary><see cref="ILedger.ListUnderWayAsync"/>.</summary>
    ListUnderWay,

    /// <summary><see cref="ILedger.ForgetDeliveredAsync"/>.</summary>
    ForgetDelivered,

    /// <summary><see cref="ILedger.ForgetFilesAsync"/>.</summary>
    ForgetFiles,

    /// <summary><see cref="ILedger.RecordMarksAsync"/>.</summary>
    RecordMarks,

    /// <summary><see cref="ILedger.ListMarksAsync"/>.</summary>
    ListMarks,

    /// <summary><see cref="ILedger.ListReceiptsAsync"/>.</summary>
    ListReceipts,

    /// <summary><see cref="ILedger.ListDeliveredAsync"/>.</summary>
    ListDelivered,

    /// <summary><see cref="ILedger.FindDeliveriesAsync"/>.</summary>
    FindDeliveries,

    /// <summary><see cref="ILedger.FindMarksAsync"/>.</summary>
    FindMarks,

    /// <summary><see cref="ILedger.ListFailedAsync"/>.</summary>
    ListFailed,
}

/// <summary>A ledger that hands every call on to another one. What stands around all calls overrides <see cref="AroundAsync"/>; what
/// changes one call overrides that call.</summary>
public class ForwardingLedger(ILedger inner) : ILedger
{
    /// <summary>The ledger that the calls go to.</summary>
    protected ILedger Inner { get; } = inner;

    /// <inheritdoc/>
    public virtual ValueTask<TransferRecord?> BeginTransferAsync(TransferRecord transfer, RunHolder holder, CancellationToken ct) =>
        AroundAsync(LedgerStep.BeginTransfer, () => Inner.BeginTransferAsync(transfer, holder, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<bool> RenewAsync(string transferId, CancellationToken ct) =>
        AroundAsync(LedgerStep.Renew, () => Inner.RenewAsync(transferId, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask EndTransferAsync(
        string transferId, TransferOutcome outcome, TransferTotals totals, Timestamp ended, CancellationToken ct) =>
        AroundAsync(LedgerStep.EndTransfer, () => Inner.EndTransferAsync(transferId, outcome, totals, ended, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<TransferRecord>> ListTransfersAsync(int limit, Timestamp? before, CancellationToken ct) =>
        AroundAsync(LedgerStep.ListTransfers, () => Inner.ListTransfersAsync(limit, before, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<TransferRecord>> FindTransfersAsync(string idPrefix, CancellationToken ct) =>
        AroundAsync(LedgerStep.FindTransfers, () => Inner.FindTransfersAsync(idPrefix, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<long>> StartFilesAsync(
        string transferId, IReadOnlyList<FileIntent> files, CancellationToken ct) =>
        AroundAsync(LedgerStep.StartFiles, () => Inner.StartFilesAsync(transferId, files, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask AdoptFilesAsync(string transferId, IReadOnlyList<long> files, CancellationToken ct) =>
        AroundAsync(LedgerStep.AdoptFiles, () => Inner.AdoptFilesAsync(transferId, files, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask RecordUploadAsync(long file, string uploadId, long partSize, CancellationToken ct) =>
        AroundAsync(LedgerStep.RecordUpload, () => Inner.RecordUploadAsync(file, uploadId, partSize, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask RecordCompletingAsync(long file, Timestamp when, CancellationToken ct) =>
        AroundAsync(LedgerStep.RecordCompleting, () => Inner.RecordCompletingAsync(file, when, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask RecordPartsAsync(long file, IReadOnlyList<FilePart> parts, CancellationToken ct) =>
        AroundAsync(LedgerStep.RecordParts, () => Inner.RecordPartsAsync(file, parts, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask RecordDeliveredAsync(string transferId, IReadOnlyList<Receipt> receipts, CancellationToken ct) =>
        AroundAsync(LedgerStep.RecordDelivered, () => Inner.RecordDeliveredAsync(transferId, receipts, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask RecordAttemptsAsync(string transferId, IReadOnlyList<FileAttempt> attempts, CancellationToken ct) =>
        AroundAsync(LedgerStep.RecordAttempts, () => Inner.RecordAttemptsAsync(transferId, attempts, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<UnfinishedFile>> FindUnfinishedAsync(
        string destinationSpace, StorePath below, CancellationToken ct) =>
        AroundAsync(LedgerStep.FindUnfinished, () => Inner.FindUnfinishedAsync(destinationSpace, below, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<FileUnderWay>> ListUnderWayAsync(
        string destinationSpace, StorePath below, RunHolder asking, CancellationToken ct) =>
        AroundAsync(LedgerStep.ListUnderWay, () => Inner.ListUnderWayAsync(destinationSpace, below, asking, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask ForgetDeliveredAsync(string destinationSpace, IReadOnlyList<StorePath> paths, CancellationToken ct) =>
        AroundAsync(LedgerStep.ForgetDelivered, () => Inner.ForgetDeliveredAsync(destinationSpace, paths, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask ForgetFilesAsync(IReadOnlyList<long> files, CancellationToken ct) =>
        AroundAsync(LedgerStep.ForgetFiles, () => Inner.ForgetFilesAsync(files, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask RecordMarksAsync(IReadOnlyList<FileMark> marks, CancellationToken ct) =>
        AroundAsync(LedgerStep.RecordMarks, () => Inner.RecordMarksAsync(marks, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<FileMark>> ListMarksAsync(ReceiptScope scope, StorePath? after, int limit, CancellationToken ct) =>
        AroundAsync(LedgerStep.ListMarks, () => Inner.ListMarksAsync(scope, after, limit, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<Receipt>> ListReceiptsAsync(
        ReceiptScope scope, StorePath? after, int limit, CancellationToken ct) =>
        AroundAsync(LedgerStep.ListReceipts, () => Inner.ListReceiptsAsync(scope, after, limit, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<Receipt>> ListDeliveredAsync(
        string transferId, StorePath? after, int limit, CancellationToken ct) =>
        AroundAsync(LedgerStep.ListDelivered, () => Inner.ListDeliveredAsync(transferId, after, limit, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<Delivery>> FindDeliveriesAsync(
        PlaceSearch search, Delivery? after, int limit, CancellationToken ct) =>
        AroundAsync(LedgerStep.FindDeliveries, () => Inner.FindDeliveriesAsync(search, after, limit, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<FileMark>> FindMarksAsync(PlaceSearch search, FileMark? after, int limit, CancellationToken ct) =>
        AroundAsync(LedgerStep.FindMarks, () => Inner.FindMarksAsync(search, after, limit, ct), ct);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<FileAttempt>> ListFailedAsync(
        string transferId, StorePath? after, int limit, CancellationToken ct) =>
        AroundAsync(LedgerStep.ListFailed, () => Inner.ListFailedAsync(transferId, after, limit, ct), ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Inner.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stands around every call.</summary>
    protected virtual ValueTask<T> AroundAsync<T>(LedgerStep step, Func<ValueTask<T>> call, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call();
    }

    private async ValueTask AroundAsync(LedgerStep step, Func<ValueTask> call, CancellationToken ct) => await AroundAsync(
        step,
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        },
        ct).ConfigureAwait(false);
}
