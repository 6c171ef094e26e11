using Godwit.Transfers.Record.Sql;
using SQLitePCL;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>One connection to the ledger's file. One thread at a time.</summary>
internal sealed class SqliteDatabase : Database
{
    // SQLite waits this long itself; between two waits the caller's cancellation is looked at. Some builds of it wait whole seconds or not at all.
    private const int WaitMilliseconds = 1000;

    private readonly Dictionary<string, SqliteStatement> _statements = [];
    private readonly OpenFile _file;
    private readonly int _lockTries;
    private Survives? _survives;

    private SqliteDatabase(string file, sqlite3 handle, int lockTries)
    {
        Name = file;
        _file = new OpenFile(file);
        Handle = handle;
        _lockTries = lockTries;
    }

    /// <summary>The file.</summary>
    public override string Name { get; }

    public sqlite3 Handle { get; }

    /// <summary>Opens the file, and makes it where it is missing unless it is to be there.</summary>
    public static SqliteDatabase Open(string file, int lockTries, bool create = true)
    {
        SqliteLibrary.Load();
        int answer = raw.sqlite3_open_v2(
            file, out sqlite3 handle, raw.SQLITE_OPEN_READWRITE | (create ? raw.SQLITE_OPEN_CREATE : 0) | raw.SQLITE_OPEN_NOMUTEX, null);
        var database = new SqliteDatabase(file, handle, lockTries);
        try
        {
            database.Check(answer);
            database.Check(raw.sqlite3_extended_result_codes(handle, 1));
            database.Check(raw.sqlite3_busy_timeout(handle, WaitMilliseconds));
            database.Execute("PRAGMA foreign_keys = ON");
            database.Execute("PRAGMA cache_size = -16384");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Fails with a sentence unless the answer is good.</summary>
    public void Check(int answer)
    {
        if (answer == raw.SQLITE_OK)
        {
            return;
        }

        throw SqliteErrors.Translate(answer, raw.sqlite3_errmsg(Handle).utf8_to_string(), Name);
    }

    /// <summary>Runs statements that give nothing back.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(Handle, sql));

    /// <summary>Runs one statement, waiting for locks that others hold.</summary>
    public void ExecutePatiently(string sql, CancellationToken ct) => Patiently(() => raw.sqlite3_exec(Handle, sql), ct);

    public override SqliteStatement Sql(string sql)
    {
        if (_statements.TryGetValue(sql, out SqliteStatement? known))
        {
            return known;
        }

        Check(raw.sqlite3_prepare_v2(Handle, sql, out sqlite3_stmt handle));
        return _statements[sql] = new SqliteStatement(this, handle);
    }

    public override T Write<T>(Survives survives, Func<T> work, CancellationToken ct)
    {
        Promise(survives);
        return InTransaction("BEGIN IMMEDIATE", work, ct);
    }

    public override T Read<T>(Func<T> work, CancellationToken ct) => InTransaction(
        "BEGIN",
        () =>
        {
            // The lock is taken by the first statement that reads; it may have to be waited for.
            Patiently(Sql("SELECT 1 FROM sqlite_master LIMIT 1").Try, ct);
            return work();
        },
        ct);

    public override void RequireThere()
    {
        if (_file.IsRemoved())
        {
            throw new LedgerException($"The ledger {Name} was removed while it was in use. Nothing is written without it; run the same command again.");
        }
    }

    // SQLite takes bytes joined for text, which compares with no bytes.
    public override string AsBytes(string joined) => $"CAST({joined} AS BLOB)";

    public override void Dispose()
    {
        if (Handle.IsClosed)
        {
            return;
        }

        foreach (SqliteStatement statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        Handle.Dispose();
    }

    private T InTransaction<T>(string begin, Func<T> work, CancellationToken ct)
    {
        Patiently(Sql(begin).Try, ct);
        try
        {
            T result = work();
            ct.ThrowIfCancellationRequested();
            Patiently(Sql("COMMIT").Try, ct);
            return result;
        }
        catch
        {
            Undo();
            throw;
        }
    }

    private void Undo()
    {
        Undone();

        // Some failures, such as a full disk, have undone the transaction already. What rolling back answers cannot be mended here,
        // and the failure that led here is the one to tell.
        if (raw.sqlite3_get_autocommit(Handle) == 0)
        {
            _ = Sql("ROLLBACK").Try();
        }
    }

    private void Promise(Survives survives)
    {
        if (_survives != survives)
        {
            Execute(survives == Survives.PowerFailure ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _survives = survives;
        }
    }

    private void Patiently(Func<int> call, CancellationToken ct)
    {
        for (int left = _lockTries; ; left--)
        {
            ct.ThrowIfCancellationRequested();
            int answer = call();
            if (left <= 1 || (answer & 0xff) != raw.SQLITE_BUSY)
            {
                Check(answer);
                return;
            }
        }
    }
}
