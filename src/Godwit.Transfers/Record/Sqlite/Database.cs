using SQLitePCL;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>What a transaction survives once it is committed.</summary>
internal enum Survives
{
    /// <summary>The end of the process.</summary>
    ProcessEnd,

    /// <summary>A power failure.</summary>
    PowerFailure,
}

/// <summary>One connection to the ledger's file. One thread at a time.</summary>
internal sealed class Database : IDisposable
{
    // SQLite waits this long itself; between two waits the caller's cancellation is looked at.
    private const int WaitMilliseconds = 250;

    private readonly Dictionary<string, Statement> _statements = [];
    private readonly int _lockTries;
    private Survives? _survives;

    private Database(string file, sqlite3 handle, int lockTries)
    {
        File = file;
        Handle = handle;
        _lockTries = lockTries;
    }

    /// <summary>The file, for messages.</summary>
    public string File { get; }

    public sqlite3 Handle { get; }

    /// <summary>Called when a transaction is undone: what was learnt inside it is not true.</summary>
    public Action Undone { get; set; } = () => { };

    /// <summary>Opens the file, and makes it where it is missing unless it is to be there.</summary>
    public static Database Open(string file, int lockTries, bool create = true)
    {
        SqliteLibrary.Load();
        int answer = raw.sqlite3_open_v2(
            file, out sqlite3 handle, raw.SQLITE_OPEN_READWRITE | (create ? raw.SQLITE_OPEN_CREATE : 0) | raw.SQLITE_OPEN_NOMUTEX, null);
        var database = new Database(file, handle, lockTries);
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

        throw SqliteErrors.Translate(answer, raw.sqlite3_errmsg(Handle).utf8_to_string(), File);
    }

    /// <summary>Runs statements that give nothing back.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(Handle, sql));

    /// <summary>Runs one statement, waiting for locks that others hold.</summary>
    public void ExecutePatiently(string sql, CancellationToken ct) => Patiently(() => raw.sqlite3_exec(Handle, sql), ct);

    /// <summary>The statement, prepared once for each text.</summary>
    public Statement Sql(string sql)
    {
        if (_statements.TryGetValue(sql, out Statement? known))
        {
            return known;
        }

        Check(raw.sqlite3_prepare_v2(Handle, sql, out sqlite3_stmt handle));
        return _statements[sql] = new Statement(this, handle);
    }

    /// <summary>Does the work in one transaction that writes: all of it or nothing.</summary>
    public T Write<T>(Survives survives, Func<T> work, CancellationToken ct)
    {
        Promise(survives);
        return InTransaction("BEGIN IMMEDIATE", work, ct);
    }

    /// <summary>Does the work on one unchanging view.</summary>
    public T Read<T>(Func<T> work, CancellationToken ct) => InTransaction(
        "BEGIN",
        () =>
        {
            // The lock is taken by the first statement that reads; it may have to be waited for.
            Patiently(Sql("SELECT 1 FROM sqlite_master LIMIT 1").Try, ct);
            return work();
        },
        ct);

    /// <summary>Closes the connection. May be called again.</summary>
    public void Dispose()
    {
        if (Handle.IsClosed)
        {
            return;
        }

        foreach (Statement statement in _statements.Values)
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
