using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>One prepared statement. Values are bound and read from left to right, each call taking the next place.</summary>
internal abstract class Statement(Database database)
{
    private int _read;

    /// <summary>What a value is where there is none.</summary>
    protected enum Kind
    {
        Number,
        Text,
        Bytes,
    }

    public abstract Statement Bind(long value);

    public Statement Bind(long? value) => value is { } known ? Bind(known) : BindNull(Kind.Number);

    public Statement Bind(bool value) => Bind(value ? 1L : 0L);

    public Statement Bind(Timestamp value) => Bind(value.Nanoseconds);

    public Statement Bind(StorePath value) => BindBytes(value.Bytes);

    public Statement Bind(StorePath? value) => value is { } known ? Bind(known) : BindNull(Kind.Bytes);

    public Statement Bind(string? value) => value is null ? BindNull(Kind.Text) : BindText(StoredText.Of(value));

    public abstract Statement BindBytes(ReadOnlySpan<byte> value);

    /// <summary>Runs a statement that gives no rows.</summary>
    /// <returns>How many rows it changed.</returns>
    public abstract int Run();

    /// <summary>Runs a statement that gives no rows before the next one that is waited for, or at <see cref="Database.Settle"/>: where the database is far
    /// away many of them go there at once.</summary>
    /// <param name="told">Is told how many rows it changed.</param>
    public virtual void Later(Action<int>? told = null)
    {
        int changed = Run();
        told?.Invoke(changed);
    }

    /// <summary>All rows.</summary>
    public List<T> Select<T>(Func<Statement, T> row)
    {
        var rows = new List<T>();
        try
        {
            while (Next())
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
            return Next() ? LongOrNull() : null;
        }
        finally
        {
            Reset();
        }
    }

    public long Long() => LongAt(_read++);

    public long? LongOrNull() => IsNull() ? null : Long();

    /// <summary>A condition, or a number that is 0 or not.</summary>
    public bool Bool() => BoolAt(_read++);

    public Timestamp Time() => new(Long());

    public string Text() => TextAt(_read++);

    public string? TextOrNull() => IsNull() ? null : Text();

    public StorePath Path()
    {
        try
        {
            return StorePath.FromBytes(BytesAt(_read++));
        }
        catch (StoreException e)
        {
            throw new LedgerException($"The ledger {database.Name} is damaged: {e.Message}", e);
        }
    }

    public StorePath? PathOrNull() => IsNull() ? null : Path();

    public Checksum Checksum() => ChecksumText.ReadOne(Text());

    public IReadOnlyList<Checksum> Checksums() => ChecksumText.Read(Text());

    protected abstract Statement BindText(string value);

    protected abstract Statement BindNull(Kind kind);

    /// <summary>Goes to the next row; false where there is none.</summary>
    protected abstract bool Step();

    /// <summary>Makes it ready to be bound again.</summary>
    protected abstract void Reset();

    protected abstract bool IsNullAt(int column);

    protected abstract long LongAt(int column);

    protected abstract bool BoolAt(int column);

    protected abstract string TextAt(int column);

    protected abstract ReadOnlySpan<byte> BytesAt(int column);

    private bool Next()
    {
        _read = 0;
        return Step();
    }

    /// <summary>Whether there is nothing in the next column, which is passed then.</summary>
    private bool IsNull()
    {
        if (!IsNullAt(_read))
        {
            return false;
        }

        _read++;
        return true;
    }
}
