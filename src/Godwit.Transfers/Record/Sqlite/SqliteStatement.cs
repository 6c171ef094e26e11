using System.Text;
using Godwit.Transfers.Record.Sql;
using SQLitePCL;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>One prepared statement of SQLite.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : Statement(database), IDisposable
{
    private const int StackBytes = 512;

    private int _bound;

    public override Statement Bind(long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, ++_bound, value));
        return this;
    }

    public override Statement BindBytes(ReadOnlySpan<byte> value)
    {
        database.Check(raw.sqlite3_bind_blob(handle, ++_bound, value));
        return this;
    }

    public override int Run()
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

    public void Dispose() => handle.Dispose();

    protected override Statement BindText(string value)
    {
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

    protected override Statement BindNull(Kind kind)
    {
        database.Check(raw.sqlite3_bind_null(handle, ++_bound));
        return this;
    }

    protected override bool Step()
    {
        int answer = raw.sqlite3_step(handle);
        if (answer is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            database.Check(answer);
        }

        return answer == raw.SQLITE_ROW;
    }

    protected override void Reset()
    {
        // Its answer repeats that of the step before it.
        _ = raw.sqlite3_reset(handle);
        _bound = 0;
    }

    protected override bool IsNullAt(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    protected override long LongAt(int column) => raw.sqlite3_column_int64(handle, column);

    protected override bool BoolAt(int column) => LongAt(column) != 0;

    protected override string TextAt(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    protected override ReadOnlySpan<byte> BytesAt(int column) => raw.sqlite3_column_blob(handle, column);
}
