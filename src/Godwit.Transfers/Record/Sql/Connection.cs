using System.Threading.Channels;

namespace Godwit.Transfers.Record.Sql;

/// <summary>A connection with everything that is read and written through it, for one call at a time.</summary>
internal sealed class Connection : IAsyncDisposable
{
    // A lock that can be waited for and given up: whose value is in it has the turn.
    private readonly Channel<bool> _turn = Channel.CreateBounded<bool>(1);
    private readonly Database _database;
    private bool _closed;

    public Connection(Database database, TimeProvider time)
    {
        _database = database;
        var spaces = new Spaces(database);
        database.Undone = spaces.Forget;
        Transfers = new TransferRows(database, spaces, time);
        Files = new FileRows(database, spaces);
        Receipts = new ReceiptRows(database, spaces);
        Attempts = new AttemptRows(database);
        Marks = new MarkRows(database, spaces);
        MarkPlaces = new MarkPlaces(database, spaces);
        Deliveries = new DeliveryRows(database, spaces, Transfers);
        Events = new EventRows(database);
        Tokens = new TokenRows(database);
        ServiceSettings = new ServiceSettingRows(database);
        Audit = new AuditRows(database);
        Schedules = new ScheduleRows(database);
        Notices = new NoticeRows(database);
        CallOuts = new CallOutRows(database, Events);
        Submissions = new SubmissionRows(database, Events, CallOuts, time);
        SubmissionFiles = new SubmissionFileRows(database, Submissions);
        FileStates = new FileStateRows(database, Submissions);
        Old = new OldRows(database);
    }

    public TransferRows Transfers { get; }

    public FileRows Files { get; }

    public ReceiptRows Receipts { get; }

    public AttemptRows Attempts { get; }

    public MarkRows Marks { get; }

    public MarkPlaces MarkPlaces { get; }

    public DeliveryRows Deliveries { get; }

    public EventRows Events { get; }

    public TokenRows Tokens { get; }

    public ServiceSettingRows ServiceSettings { get; }

    public AuditRows Audit { get; }

    public ScheduleRows Schedules { get; }

    public NoticeRows Notices { get; }

    public CallOutRows CallOuts { get; }

    public SubmissionRows Submissions { get; }

    public SubmissionFileRows SubmissionFiles { get; }

    public FileStateRows FileStates { get; }

    public OldRows Old { get; }

    /// <summary>Why the last call that was to write did not; null when it did.</summary>
    public string? WriteFault { get; private set; }

    /// <summary>Does the work in one transaction that writes. Off the caller's thread: the disk may take its time.</summary>
    public async ValueTask<T> WriteAsync<T>(Survives survives, Func<Connection, T> work, CancellationToken ct)
    {
        try
        {
            T written = await InTurnAsync(() => _database.Write(survives, () => work(this), ct), ct).ConfigureAwait(false);
            WriteFault = null;
            return written;
        }
        catch (LedgerException e)
        {
            WriteFault = e.Message;
            throw;
        }
    }

    /// <summary>Does the work on one unchanging view.</summary>
    public ValueTask<T> ReadAsync<T>(Func<Connection, T> work, CancellationToken ct) =>
        InTurnAsync(() => _database.Read(() => work(this), ct), ct);

    /// <summary>One number, of a statement without parameters.</summary>
    public long Number(string sql) => _database.Sql(sql).Select(row => row.Long()).Single();

    /// <summary>Makes sure that what is written here is found by others.</summary>
    /// <exception cref="LedgerException">It would not be: another run would not know of this one.</exception>
    public void RequireThere() => _database.RequireThere();

    /// <summary>Waits for the call that is under way and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.Writer.WriteAsync(true, CancellationToken.None).ConfigureAwait(false);
        try
        {
            _closed = true;
            _database.Dispose();
        }
        finally
        {
            _turn.Reader.TryRead(out _);
        }
    }

    private async ValueTask<T> InTurnAsync<T>(Func<T> call, CancellationToken ct)
    {
        await _turn.Writer.WriteAsync(true, ct).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(SqlLedger));
            return await Task.Run(call, CancellationToken.None).ConfigureAwait(false);
        }
        catch (FormatException e)
        {
            throw new LedgerException($"The ledger {_database.Name} is damaged: {e.Message}", e);
        }
        finally
        {
            _turn.Reader.TryRead(out _);
        }
    }
}
