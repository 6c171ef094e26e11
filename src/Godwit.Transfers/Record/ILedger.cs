using Godwit.Storage;

namespace Godwit.Transfers.Record;

/// <summary>
/// The durable record of transfers: which run may write where, which files are under way, and the evidence for every delivered file.
/// What is not in here is not ours to resume or to clean up.
/// </summary>
/// <remarks>
/// <para>A call that returns is durable: it survives a power failure, unless it says otherwise. Each call is one transaction: a
/// process killed inside it leaves all of it or nothing. Calls may be made from many threads at once.</para>
/// <para>Failures are <see cref="LedgerException"/>. The caller's cancellation is <see cref="OperationCanceledException"/> and leaves
/// nothing of the call.</para>
/// </remarks>
public interface ILedger : IAsyncDisposable
{
    /// <summary>
    /// Claims a part of a destination for one run, and writes down that the transfer has begun, in one step.
    /// </summary>
    /// <returns>Null: it is ours. Otherwise the run whose claim overlaps, which is alive; then nothing was written.</returns>
    /// <remarks>Two claims overlap when they are in one space and one path is the other or lies below it. Claims whose
    /// run is gone (<see cref="RunHolder.IsGone"/>), or has not renewed for its own <see cref="RunHolder.Patience"/> and is not
    /// <see cref="RunHolder.IsAlive"/>, are taken over: the transfer that held one is marked <see cref="TransferOutcome.Interrupted"/>,
    /// ended when it last showed life.</remarks>
    /// <exception cref="LedgerException">Also: the id is in the ledger already.</exception>
    ValueTask<TransferRecord?> BeginTransferAsync(TransferRecord transfer, RunHolder holder, CancellationToken ct);

    /// <summary>Says that the run is alive.</summary>
    /// <returns>False when the claim was taken over in the meantime: the run has to stop writing at once.</returns>
    ValueTask<bool> RenewAsync(string transferId, CancellationToken ct);

    /// <summary>Writes down how the transfer ended and gives the claim back.</summary>
    ValueTask EndTransferAsync(string transferId, TransferOutcome outcome, TransferTotals totals, Timestamp ended, CancellationToken ct);

    /// <summary>Transfers, newest first, at most <paramref name="limit"/>, older than <paramref name="before"/> where given.</summary>
    ValueTask<IReadOnlyList<TransferRecord>> ListTransfersAsync(int limit, Timestamp? before, CancellationToken ct);

    /// <summary>The transfers whose id begins with the text, at most two: none, the one, or not enough letters.</summary>
    ValueTask<IReadOnlyList<TransferRecord>> FindTransfersAsync(string idPrefix, CancellationToken ct);

    /// <summary>Writes down that these files are about to be written, before the first byte is. Files of one destination that an earlier
    /// run left are replaced.</summary>
    /// <returns>The numbers of the files, in order. A number is never given again.</returns>
    /// <exception cref="ClaimLostException">The transfer does not hold its claim (any more): nothing may be written.</exception>
    ValueTask<IReadOnlyList<long>> StartFilesAsync(string transferId, IReadOnlyList<FileIntent> files, CancellationToken ct);

    /// <summary>Takes files that an earlier run left over into this transfer; their numbers, uploads and parts stay.</summary>
    /// <exception cref="ClaimLostException">The transfer does not hold its claim (any more).</exception>
    /// <exception cref="LedgerException">Also: a file is not under way.</exception>
    ValueTask AdoptFilesAsync(string transferId, IReadOnlyList<long> files, CancellationToken ct);

    /// <summary>Writes down what a store calls the upload of a file, and the size of its parts. Parts that were written down before belong
    /// to an earlier upload of the file and are forgotten.</summary>
    /// <exception cref="LedgerException">Also: the file is not under way, for instance because another run replaced it, or its transfer does
    /// not hold its claim (any more).</exception>
    ValueTask RecordUploadAsync(long file, string uploadId, long partSize, CancellationToken ct);

    /// <summary>Writes down that the completion of a file's upload is about to begin: it may still take effect after this run has ended. A new
    /// upload of the file takes that back.</summary>
    /// <exception cref="LedgerException">Also: the file is not under way, for instance because another run replaced it.</exception>
    ValueTask RecordCompletingAsync(long file, Timestamp when, CancellationToken ct);

    /// <summary>Writes down parts that a store has. It survives the end of the process, but need not survive a power failure:
    /// parts are proved again before they are trusted. The same number again replaces the part.</summary>
    /// <exception cref="LedgerException">Also: the file is not under way, for instance because another run replaced it, or its transfer does
    /// not hold its claim (any more).</exception>
    ValueTask RecordPartsAsync(long file, IReadOnlyList<FilePart> parts, CancellationToken ct);

    /// <summary>Writes down receipts of delivered files and forgets their intents and parts. A file that is not under way any more
    /// gets its receipt all the same: it was delivered.</summary>
    /// <exception cref="ClaimLostException">The transfer does not hold its claim (any more). Nothing was written: what stands at the destination
    /// is for the run that took over to prove.</exception>
    ValueTask RecordDeliveredAsync(string transferId, IReadOnlyList<Receipt> receipts, CancellationToken ct);

    /// <summary>Writes down what was tried in vain. A file whose last attempt is final stays as a failed file of its transfer.</summary>
    ValueTask RecordAttemptsAsync(string transferId, IReadOnlyList<FileAttempt> attempts, CancellationToken ct);

    /// <summary>Files that earlier runs began and did not finish, with their parts, whose destination is the path or lies below it;
    /// in order of the destination path. Files of transfers that hold their claim are not among them: somebody is at work on those.</summary>
    ValueTask<IReadOnlyList<UnfinishedFile>> FindUnfinishedAsync(string destinationSpace, StorePath below, CancellationToken ct);

    /// <summary>Every file that was begun and not finished, whoever is at work on it, whose destination is the path or lies below it; in order
    /// of the destination path. Nothing is taken over.</summary>
    /// <param name="destinationSpace">The space.</param>
    /// <param name="below">The path.</param>
    /// <param name="asking">Tells which runs are over, as for <see cref="BeginTransferAsync"/>.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<FileUnderWay>> ListUnderWayAsync(
        string destinationSpace, StorePath below, RunHolder asking, CancellationToken ct);

    /// <summary>Forgets files that were begun and whose partial data is gone. Their attempts stay.</summary>
    ValueTask ForgetFilesAsync(IReadOnlyList<long> files, CancellationToken ct);

    /// <summary>Forgets that anything is at these paths, because it is deleted there: their receipts are no longer among the newest, and stay
    /// with the transfers that made them.</summary>
    /// <param name="destinationSpace">The space of the paths.</param>
    /// <param name="paths">Final paths within the space; one without a receipt is success.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask ForgetDeliveredAsync(string destinationSpace, IReadOnlyList<StorePath> paths, CancellationToken ct);

    /// <summary>Writes down what a person said of files; of a file that has a mark, in place of the older one. The mark goes when the file is
    /// delivered (<see cref="RecordDeliveredAsync"/>), from that source to that destination.</summary>
    ValueTask RecordMarksAsync(IReadOnlyList<FileMark> marks, CancellationToken ct);

    /// <summary>The marks of source files at or below a path towards destinations at or below a path, in unsigned byte order of the source path,
    /// after <paramref name="after"/>, at most <paramref name="limit"/>; a page is longer where it takes more to hold every mark of its last source
    /// path.</summary>
    ValueTask<IReadOnlyList<FileMark>> ListMarksAsync(ReceiptScope scope, StorePath? after, int limit, CancellationToken ct);

    /// <summary>
    /// The newest receipts for source files at or below a path that were delivered at or below a path, in unsigned byte order of the
    /// source path, after <paramref name="after"/>, at most <paramref name="limit"/>. One receipt for each destination path: what another source
    /// delivered over a file since leaves that file without one.
    /// A page is longer than the limit where it takes more to hold every receipt of its last source path: pages go on by source path.
    /// </summary>
    ValueTask<IReadOnlyList<Receipt>> ListReceiptsAsync(
        ReceiptScope scope, StorePath? after, int limit, CancellationToken ct);

    /// <summary>The receipts that one transfer made, in unsigned byte order of the destination path, by page. They stay when another
    /// transfer delivers the same files again.</summary>
    ValueTask<IReadOnlyList<Receipt>> ListDeliveredAsync(string transferId, StorePath? after, int limit, CancellationToken ct);

    /// <summary>The receipts of a place over all transfers, by page: newest transfer first; of each, those whose destination is meant, in order of
    /// the destination path, then those whose source alone is, in order of the source path.</summary>
    /// <param name="search">The place.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<Delivery>> FindDeliveriesAsync(PlaceSearch search, Delivery? after, int limit, CancellationToken ct);

    /// <summary>The marks of a place, by page: those whose destination is meant, then those whose source alone is.</summary>
    /// <param name="search">The place; one below the destinations of transfers is looked for below those that a transfer has had.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<FileMark>> FindMarksAsync(PlaceSearch search, FileMark? after, int limit, CancellationToken ct);

    /// <summary>The files of a transfer that failed, each with its last attempt, in order of the destination path, by page. A page is
    /// longer than the limit where it takes more to hold every file of its last destination path.</summary>
    ValueTask<IReadOnlyList<FileAttempt>> ListFailedAsync(string transferId, StorePath? after, int limit, CancellationToken ct);
}

/// <summary>What every run asks of its ledger.</summary>
internal static class LedgerClaims
{
    /// <summary>Makes certain, before something is deleted, that the run still holds its destination.</summary>
    /// <exception cref="ClaimLostException">It does not.</exception>
    public static async ValueTask RequireClaimAsync(this ILedger ledger, string transferId, CancellationToken ct)
    {
        if (!await ledger.RenewAsync(transferId, ct).ConfigureAwait(false))
        {
            throw new ClaimLostException(transferId);
        }
    }
}
