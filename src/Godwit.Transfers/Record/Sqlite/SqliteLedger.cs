using Godwit.Storage;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>
/// The ledger in one SQLite file. Several processes of one machine may have it open at once; where the directory is shared between
/// machines, those too, as far as its file system's locks work.
/// </summary>
public sealed class SqliteLedger : ILedger
{
    /// <summary>The name of the file in the state directory.</summary>
    public const string FileName = "ledger.db";

    private readonly Connection _writing;
    private readonly Connection _reading;

    private SqliteLedger(Connection writing, Connection reading)
    {
        _writing = writing;
        _reading = reading;
        var signal = new JournalSignal();
        Submissions = new SqliteSubmissions(writing, reading, signal);
        Journal = new SqliteEventJournal(writing, reading, signal);
        Tokens = new SqliteTokens(writing, reading);
        ServiceSettings = new SqliteServiceSettings(writing, reading);
    }

    /// <summary>The transfers that were handed to a service which keeps this ledger.</summary>
    public ISubmissions Submissions { get; }

    /// <summary>What happened to those transfers.</summary>
    public IEventJournal Journal { get; }

    /// <summary>Who may ask that service.</summary>
    public ITokens Tokens { get; }

    /// <summary>What its operators have set.</summary>
    public IServiceSettings ServiceSettings { get; }

    /// <summary>Opens the ledger of a state directory, and makes it where it is missing.</summary>
    /// <param name="directory">The directory; it has to exist.</param>
    /// <param name="time">Tells when claims are renewed.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="LedgerException">It cannot be opened, belongs to a newer Godwit, is damaged, or cannot be locked.</exception>
    public static ValueTask<SqliteLedger> OpenAsync(string directory, TimeProvider time, CancellationToken ct) =>
        OpenAsync(directory, time, new SqliteSettings(), ct);

    /// <inheritdoc/>
    public ValueTask<TransferRecord?> BeginTransferAsync(TransferRecord transfer, RunHolder holder, CancellationToken ct) =>
        WriteAsync(rows => rows.Transfers.Begin(transfer, holder), ct);

    /// <inheritdoc/>
    public ValueTask<bool> RenewAsync(string transferId, CancellationToken ct)
    {
        _writing.RequireFile();
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
        // The writing connection last: it empties the log into the file.
        await _reading.DisposeAsync().ConfigureAwait(false);
        await _writing.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Opens the ledger with what tests change.</summary>
    internal static async ValueTask<SqliteLedger> OpenAsync(
        string directory, TimeProvider time, SqliteSettings settings, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return await Task.Run(
            () =>
            {
                var opening = new OpenSqlite(Path.Combine(directory, FileName), settings);
                (Database writing, Database? reading) = opening.Open(directory, ct);
                var writer = new Connection(writing, time);
                return new SqliteLedger(writer, reading is null ? writer : new Connection(reading, time));
            },
            ct).ConfigureAwait(false);
    }

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
