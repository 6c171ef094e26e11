namespace Godwit.Transfers.Record.Sql;

/// <summary>One connection to the ledger's database. One thread at a time.</summary>
internal abstract class Database : IDisposable
{
    /// <summary>What the ledger is called in messages.</summary>
    public abstract string Name { get; }

    /// <summary>Called when a transaction is undone: what was learnt inside it is not true.</summary>
    public Action Undone { get; set; } = () => { };

    /// <summary>The statement, prepared once for each text. Its parameters are written <c>?</c>.</summary>
    public abstract Statement Sql(string sql);

    /// <summary>Does the work in one transaction that writes: all of it or nothing. No other one writes meanwhile, from its first statement on.</summary>
    public abstract T Write<T>(Survives survives, Func<T> work, CancellationToken ct);

    /// <summary>Does the work on one unchanging view.</summary>
    public abstract T Read<T>(Func<T> work, CancellationToken ct);

    /// <summary>Runs what <see cref="Statement.Later"/> has left for later.</summary>
    public virtual void Settle()
    {
    }

    /// <summary>Makes sure that what is written here is found by others.</summary>
    /// <exception cref="LedgerException">It would not be: another run would not know of this one.</exception>
    public virtual void RequireThere()
    {
    }

    /// <summary>Bytes joined with <c>||</c>, as an expression that is bytes again.</summary>
    public abstract string AsBytes(string joined);

    /// <summary>Closes the connection. May be called again.</summary>
    public abstract void Dispose();
}
