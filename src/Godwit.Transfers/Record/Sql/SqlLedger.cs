using Godwit.Storage;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The ledger in a database that speaks SQL. What it asks is written once; what the databases do each in their own way is behind
/// <see cref="Database"/> and <see cref="Statement"/>.</summary>
public abstract class SqlLedger : ILedger
{
    private readonly Connection _writing;
    private readonly Connection _reading;

    private protected SqlLedger(Connection writing, Connection reading)
    {
        _writing = writing;
        _reading = reading;
        var signal = new JournalSignal();
        Submissions = new SqlSubmissions(writing, reading, signal);
        Journal = new SqlEventJournal(writing, reading, signal);
        Tokens = new SqlTokens(writing, reading);
        ServiceSettings = new SqlServiceSettings(writing, reading);
        Audit = new SqlAuditTrail(writing, reading);
        Schedules = new SqlSchedules(writing, reading, signal);
        Notices = new SqlNotices(writing, reading);
        CallOuts = new SqlCallOuts(writing, reading, signal);
        Housekeeping = new SqlHousekeeping(writing, reading);
    }

    /// <summary>Why the last call that was to write did not, such as a disk that is full; null when it did, or changed nothing.</summary>
    public string? WriteFault => _writing.WriteFault;

    /// <summary>The transfers that were handed to a service which keeps this ledger.</summary>
    public ISubmissions Submissions { get; }

    /// <summary>What happened to those transfers.</summary>
    public IEventJournal Journal { get; }

    /// <summary>Who may ask that service.</summary>
    public ITokens Tokens { get; }

    /// <summary>What its operators have set.</summary>
    public IServiceSettings ServiceSettings { get; }

    /// <summary>Who changed what of that service.</summary>
    public IAuditTrail Audit { get; }

    /// <summary>What it hands over by itself.</summary>
    public ISchedules Schedules { get; }

    /// <summary>What is told of transfers that ended.</summary>
    public INotices Notices { get; }

    /// <summary>Who was asked to make those transfers ready.</summary>
    public ICallOuts CallOuts { get; }

    /// <summary>Forgets what is long over.</summary>
    public IHousekeeping Housekeeping { get; }

    /// <summary>How many bytes it has where it is kept; null where nobody knows.</summary>
    /// <exception cref="LedgerException">It cannot be asked.</exception>
    public abstract ValueTask<long?> BytesAsync(CancellationToken ct);

    /// <inheritdoc/>
    public ValueTask<TransferRecord?> BeginTransferAsync(TransferRecord transfer, RunHolder holder, CancellationToken ct) =>
        WriteAsync(rows => rows.Transfers.Begin(transfer, holder), ct);

    /// <inheritdoc/>
    public ValueTask<bool> RenewAsync(string transferId, CancellationToken ct)
    {
        _writing.RequireThere();
        return WriteAsync(rows => rows.Transfers.Renew(transferId), ct);
    }

    /// <inheritdoc/>
    public async ValueTask EndTransferAsync(
        string transferId, TransferOutcome outcome, TransferTotals totals, Timestamp ended, CancellationToken ct) =>
        await WriteAsync(rows => rows.Transfers.End(transferId, outcome, totals, ended), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<TransferRecord>> ListTransfersAsync(int limit, Timestamp? before, CancellationToken ct) =>
        await _reading.ReadAsync(rows => rows.Transfers.List(limit, before), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<TransferRecord>> FindTransfersAsync(string idPrefix, CancellationToken ct) =>
        await _reading.ReadAsync(rows => rows.Transfers.Find(idPrefix), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<long>> StartFilesAsync(
        string transferId, IReadOnlyList<FileIntent> files, CancellationToken ct) =>
        await WriteAsync(rows => rows.Files.Start(rows.Transfers.NumberOfHolder(transferId), files), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask AdoptFilesAsync(string transferId, IReadOnlyList<long> files, CancellationToken ct) =>
        await WriteAsync(rows => rows.Files.Adopt(rows.Transfers.NumberOfHolder(transferId), files), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RecordUploadAsync(long file, string uploadId, long partSize, CancellationToken ct) =>
        await WriteAsync(rows => rows.Files.RecordUpload(file, uploadId, partSize), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RecordCompletingAsync(long file, Timestamp when, CancellationToken ct) =>
        await WriteAsync(rows => rows.Files.RecordCompleting(file, when), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RecordPartsAsync(long file, IReadOnlyList<FilePart> parts, CancellationToken ct) =>
        await _writing.WriteAsync(
            Survives.ProcessEnd,
            rows =>
            {
                rows.Files.RecordParts(file, parts);
                return true;
            },
            ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RecordDeliveredAsync(string transferId, IReadOnlyList<Receipt> receipts, CancellationToken ct) =>
        await WriteAsync(
            rows =>
            {
                rows.Receipts.Record(rows.Transfers.NumberOfHolder(transferId), receipts);
                rows.Marks.Forget(receipts);
                rows.Files.Forget(receipts.Select(receipt => receipt.File));
            },
            ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RecordAttemptsAsync(string transferId, IReadOnlyList<FileAttempt> attempts, CancellationToken ct) =>
        await WriteAsync(rows => rows.Attempts.Record(rows.Transfers.NumberOf(transferId), attempts), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<UnfinishedFile>> FindUnfinishedAsync(
        string destinationSpace, StorePath below, CancellationToken ct) =>
        await _reading.ReadAsync(rows => rows.Files.FindUnfinished(destinationSpace, below), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FileUnderWay>> ListUnderWayAsync(
        string destinationSpace, StorePath below, RunHolder asking, CancellationToken ct) =>
        await _reading.ReadAsync(
            rows =>
            {
                IReadOnlySet<long> held = rows.Transfers.Held(destinationSpace, asking);
                return rows.Files.ListUnderWay(destinationSpace, below, held);
            },
            ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ForgetDeliveredAsync(string destinationSpace, IReadOnlyList<StorePath> paths, CancellationToken ct) =>
        await WriteAsync(rows => rows.Receipts.ForgetNewest(destinationSpace, paths), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ForgetFilesAsync(IReadOnlyList<long> files, CancellationToken ct) =>
        await WriteAsync(rows => rows.Files.Forget(files), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RecordMarksAsync(IReadOnlyList<FileMark> marks, CancellationToken ct) =>
        await WriteAsync(rows => rows.Marks.Record(marks), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FileMark>> ListMarksAsync(ReceiptScope scope, StorePath? after, int limit, CancellationToken ct) =>
        await _reading.ReadAsync(rows => rows.Marks.List(scope, after, limit), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Receipt>> ListReceiptsAsync(
        ReceiptScope scope, StorePath? after, int limit, CancellationToken ct) =>
        await _reading.ReadAsync(rows => rows.Receipts.ListNewest(scope, after, limit), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Receipt>> ListDeliveredAsync(
        string transferId, StorePath? after, int limit, CancellationToken ct) =>
        await _reading.ReadAsync(rows => rows.Receipts.ListMadeBy(rows.Transfers.NumberOf(transferId), after, limit), ct)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Delivery>> FindDeliveriesAsync(PlaceSearch search, Delivery? after, int limit, CancellationToken ct) =>
        await _reading.ReadAsync(rows => rows.Deliveries.Find(search, after, limit), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FileMark>> FindMarksAsync(PlaceSearch search, FileMark? after, int limit, CancellationToken ct) =>
        await _reading.ReadAsync(rows => rows.MarkPlaces.Find(search, after, limit), ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FileAttempt>> ListFailedAsync(
        string transferId, StorePath? after, int limit, CancellationToken ct) =>
        await _reading.ReadAsync(rows => rows.Attempts.ListFailed(rows.Transfers.NumberOf(transferId), after, limit), ct)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);

        // The writing connection last: SQLite empties the log into the file.
        await _reading.DisposeAsync().ConfigureAwait(false);
        await _writing.DisposeAsync().ConfigureAwait(false);
    }

    private protected ValueTask<T> ReadAsync<T>(Func<Connection, T> work, CancellationToken ct) => _reading.ReadAsync(work, ct);

    private ValueTask<T> WriteAsync<T>(Func<Connection, T> work, CancellationToken ct) =>
        _writing.WriteAsync(Survives.PowerFailure, work, ct);

    private ValueTask<bool> WriteAsync(Action<Connection> work, CancellationToken ct) => WriteAsync(
        rows =>
        {
            work(rows);
            return true;
        },
        ct);
}
