using System.Data;
using System.Diagnostics;
using Godwit.Transfers.Record.Sql;
using Npgsql;

namespace Godwit.Transfers.Record.Postgres;

/// <summary>A connection to the ledger's database, opened again where it was lost. One thread at a time.</summary>
/// <param name="link">Opens connections.</param>
/// <param name="lockTries">How often the lock is tried, half a second each.</param>
/// <param name="restart">How long a writer waits for a server that is restarted. Whoever only reads is told at once.</param>
internal sealed class PostgresDatabase(PostgresLink link, int lockTries, TimeSpan restart) : Database
{
    // "Gdwt", and what is locked: the right to write. Whoever has it reads what the one before him wrote, and numbers are given in the order of the commits.
    private const string Lock = "SELECT pg_advisory_xact_lock(1197766516, 1)";
    private const int MostAtOnce = 1000;

    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, PostgresStatement> _statements = [];
    private readonly List<Left> _later = [];
    private NpgsqlConnection? _connection;
    private bool _hasFailed;
    private bool _wasThere;

    /// <inheritdoc/>
    public override string Name => link.Name;

    /// <summary>How often something was sent and its answer waited for, for measurements.</summary>
    public long RoundTrips { get; private set; }

    private bool IsLost => _connection is not { State: ConnectionState.Open };

    /// <inheritdoc/>
    public override PostgresStatement Sql(string sql) =>
        _statements.TryGetValue(sql, out PostgresStatement? known) ? known : _statements[sql] = new PostgresStatement(this, PostgresText.Of(sql));

    /// <inheritdoc/>
    public override T Write<T>(Survives survives, Func<T> work, CancellationToken ct)
    {
        BeginWriting(survives, ct);
        return Finish(work, ct);
    }

    /// <inheritdoc/>
    public override T Read<T>(Func<T> work, CancellationToken ct)
    {
        bool isNew = Connect(TimeSpan.Zero, ct);
        try
        {
            return ReadOnce(work, ct);
        }
        catch (LedgerException) when (!isNew && IsLost)
        {
            // The server was restarted since the last call; whoever only reads can do it all again.
            Connect(TimeSpan.Zero, ct);
            return ReadOnce(work, ct);
        }
    }

    /// <summary>Runs a text of several statements without parameters.</summary>
    public void Execute(string sql)
    {
        Settle();
        using var command = new NpgsqlCommand(sql, Live);
        Guard(command.ExecuteNonQuery);
    }

    /// <inheritdoc/>
    public override void Settle()
    {
        if (_later.Count > 0)
        {
            Send();
        }
    }

    /// <inheritdoc/>
    public override string AsBytes(string joined) => $"({joined})";

    /// <summary>Leaves a statement for later.</summary>
    public void Leave(NpgsqlBatchCommand command, Action<int>? told)
    {
        _later.Add(new Left(command, told));
        if (_later.Count >= MostAtOnce)
        {
            Send();
        }
    }

    /// <summary>Runs a statement that gives no rows, after what was left for later.</summary>
    public int Change(NpgsqlBatchCommand command)
    {
        _later.Add(new Left(command, null));
        Send();
        return command.RecordsAffected;
    }

    /// <summary>Runs a statement that gives rows, after what was left for later.</summary>
    public NpgsqlDataReader Ask(NpgsqlBatchCommand command)
    {
        if (_later.Exists(left => left.Told is not null))
        {
            Send();
        }

        _later.Add(new Left(command, null));
        return Guard(() => Batch().ExecuteReader());
    }

    /// <summary>The error for what went wrong. Nothing of this transaction can be committed any more.</summary>
    public LedgerException Failed(NpgsqlException e)
    {
        _hasFailed = true;
        return PostgresErrors.Translate(e, Name);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private NpgsqlConnection Live => _connection is { State: ConnectionState.Open } live
        ? live
        : throw new LedgerException($"The ledger {Name} was lost: see that the server runs and is reached from here.");

    /// <summary>Opens the connection where there is none, or it was lost.</summary>
    /// <param name="patience">How long a server is waited for that was there before.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>Whether it is a new one.</returns>
    private bool Connect(TimeSpan patience, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!IsLost)
        {
            return false;
        }

        Dispose();
        Undone();
        for (long since = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                _connection = link.Open();
                _wasThere = true;
                return true;
            }
            catch (LedgerException e) when (_wasThere && Stopwatch.GetElapsedTime(since) < patience && e.InnerException is NpgsqlException { IsTransient: true })
            {
                ct.WaitHandle.WaitOne(s_between);
                ct.ThrowIfCancellationRequested();
            }
        }
    }

    private void BeginWriting(Survives survives, CancellationToken ct)
    {
        bool isNew = Connect(restart, ct);
        for (int left = lockTries; ; left--)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                Begin(survives);
                return;
            }
            catch (LedgerException e) when (left > 1 && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
            {
                Undo();
            }
            catch (LedgerException) when (!isNew && IsLost)
            {
                // The server was restarted since the last call. Nothing was written yet.
                isNew = Connect(restart, ct);
            }
            catch
            {
                Undo();
                throw;
            }
        }
    }

    private void Begin(Survives survives)
    {
        _later.Clear();
        _hasFailed = false;
        _later.Add(new Left(new NpgsqlBatchCommand("BEGIN ISOLATION LEVEL READ COMMITTED"), null));
        if (survives == Survives.ProcessEnd)
        {
            _later.Add(new Left(new NpgsqlBatchCommand("SET LOCAL synchronous_commit = off"), null));
        }

        _later.Add(new Left(new NpgsqlBatchCommand(Lock), null));
        Send();
    }

    private T ReadOnce<T>(Func<T> work, CancellationToken ct)
    {
        _hasFailed = false;
        _later.Clear();
        _later.Add(new Left(new NpgsqlBatchCommand("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), null));
        return Finish(work, ct);
    }

    private T Finish<T>(Func<T> work, CancellationToken ct)
    {
        try
        {
            T result = work();
            ct.ThrowIfCancellationRequested();
            Commit();
            return result;
        }
        catch
        {
            Undo();
            throw;
        }
    }

    /// <summary>Commits, together with what was left for later: where one of those fails, the server skips the commit.</summary>
    private void Commit()
    {
        if (_later.Exists(left => left.Told is not null))
        {
            Send();
        }

        if (_hasFailed)
        {
            throw new LedgerException($"The ledger {Name} refused a part of what it was told, so nothing of it was written.");
        }

        _later.Add(new Left(new NpgsqlBatchCommand("COMMIT"), null));
        try
        {
            Send();
        }
        catch (LedgerException e) when (IsLost)
        {
            throw PostgresErrors.CommitLost(e.InnerException ?? e, Name);
        }
    }

    private void Undo()
    {
        Undone();
        _later.Clear();
        if (IsLost)
        {
            return;
        }

        try
        {
            using var command = new NpgsqlCommand("ROLLBACK", _connection);
            command.ExecuteNonQuery();
        }
        catch (NpgsqlException)
        {
            // The failure that led here is the one to tell. The server undoes what a closed connection leaves.
            Dispose();
        }
    }

    private void Send()
    {
        Left[] sent = [.. _later];
        Guard(() => Batch().ExecuteNonQuery());
        foreach (Left one in sent)
        {
            one.Told?.Invoke(one.Command.RecordsAffected);
        }
    }

    private NpgsqlBatch Batch()
    {
        var batch = new NpgsqlBatch(Live);
        foreach (Left one in _later)
        {
            batch.BatchCommands.Add(one.Command);
        }

        _later.Clear();
        RoundTrips++;
        return batch;
    }

    private T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (NpgsqlException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>What is run with the next statement that is waited for.</summary>
    private readonly record struct Left(NpgsqlBatchCommand Command, Action<int>? Told);
}
