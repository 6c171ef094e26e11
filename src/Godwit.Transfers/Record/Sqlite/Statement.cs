using System.Text;
using Godwit.Storage;
using SQLitePCL;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>One prepared statement. Values are bound and read from left to right, each call taking the next place.</summary>
internal sealed class Statement(Database database, sqlite3_stmt handle) : IDisposable
{
    private const int StackBytes = 512;

    private int _bound;
    private int _read;

    public Statement Bind(long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, ++_bound, value));
        return this;
    }

    public Statement Bind(long? value) => value is { } known ? Bind(known) : BindNull();

    public Statement Bind(bool value) => Bind(value ? 1L : 0L);

    public Statement Bind(Timestamp value) => Bind(value.Nanoseconds);

    public Statement Bind(StorePath value) => BindBytes(value.Bytes);

    public Statement Bind(StorePath? value) => value is { } known ? Bind(known) : BindNull();

    public Statement BindBytes(ReadOnlySpan<byte> value)
    {
        database.Check(raw.sqlite3_bind_blob(handle, ++_bound, value));
        return this;
    }

    public Statement Bind(string? value)
    {
        if (value is null)
        {
            return BindNull();
        }

        if (value.Length == 0)
        {
            // An empty span has no address, and without an address SQLite takes it for NULL.
            database.Check(raw.sqlite3_bind_text(handle, ++_bound, string.Empty));
            return this;
        }

        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> bytes = most <= StackBytes ? stackalloc byte[StackBytes] : new byte[most];
        int length = Encoding.UTF8.GetBytes(value, bytes);
        database.Check(raw.sqlite3_bind_text(handle, ++_bound, bytes[..length]));
        return this;
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Run()
    {
        try
        {
            Step();
            return raw.sqlite3_changes(database.Handle);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>SQLite's answer to one step of a statement that gives no rows, for callers who wait for a lock.</summary>
    public int Try()
    {
        int answer = raw.sqlite3_step(handle);
        Reset();
        return answer is raw.SQLITE_DONE or raw.SQLITE_ROW ? raw.SQLITE_OK : answer;
    }

    /// <summary>All rows.</summary>
    public List<T> Select<T>(Func<Statement, T> row)
    {
        var rows = new List<T>();
        try
        {
            while (Step())
            {
                rows.Add(row(this));
            }
        }
        finally
        {
            Reset();
        }

        return rows;
    }

    /// <summary>The number in the first column of the first row; null without a row or with NULL there.</summary>
    public long? Find()
    {
        try
        {
            return Step() ? LongOrNull() : null;
        }
        finally
        {
            Reset();
        }
    }

    public long Long() => raw.sqlite3_column_int64(handle, _read++);

    public long? LongOrNull() => IsNull() ? Skip<long>() : Long();

    public bool Bool() => Long() != 0;

    public Timestamp Time() => new(Long());

    public string Text() => raw.sqlite3_column_text(handle, _read++).utf8_to_string() ?? "";

    public string? TextOrNull()
    {
        if (!IsNull())
        {
            return Text();
        }

        _read++;
        return null;
    }

    public StorePath Path()
    {
        try
        {
            return StorePath.FromBytes(raw.sqlite3_column_blob(handle, _read++));
        }
        catch (StoreException e)
        {
            throw new LedgerException($"The ledger {database.File} is damaged: {e.Message}", e);
        }
    }

    public StorePath? PathOrNull() => IsNull() ? Skip<StorePath>() : Path();

    public Checksum Checksum() => ChecksumText.ReadOne(Text());

    public IReadOnlyList<Checksum> Checksums() => ChecksumText.Read(Text());

    public void Dispose() => handle.Dispose();

    private bool IsNull() => raw.sqlite3_column_type(handle, _read) == raw.SQLITE_NULL;

    private T? Skip<T>()
        where T : struct
    {
        _read++;
        return null;
    }

    private Statement BindNull()
    {
        database.Check(raw.sqlite3_bind_null(handle, ++_bound));
        return this;
    }

    private bool Step()
    {
        _read = 0;
        int answer = raw.sqlite3_step(handle);
        if (answer is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            database.Check(answer);
        }

        return answer == raw.SQLITE_ROW;
    }

    private void Reset()
    {
        // Its answer repeats that of the step before it.
        _ = raw.sqlite3_reset(handle);
        _bound = 0;
    }
}
