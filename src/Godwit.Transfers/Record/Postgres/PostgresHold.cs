using System.Data;
using Npgsql;

namespace Godwit.Transfers.Record.Postgres;

/// <summary>
/// The right of one service to a PostgreSQL ledger: two would each begin what the other one has begun. It ends with the connection that has it, however the service
/// ends. A hold whose connection was lost, because the server was restarted, is taken again; it is lost when another service had it meanwhile.
/// </summary>
public sealed class PostgresHold : IAsyncDisposable
{
    // "Gdwt", and what is locked: the right to be the service.
    private const string Lock = "SELECT CASE WHEN pg_try_advisory_lock(1197766516, 2) THEN holder END FROM godwit_ledger";

    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<LedgerException> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PostgresLink _link;
    private readonly HoldSettings _settings;
    private readonly TimeProvider _time;
    private NpgsqlConnection _connection;
    private long _number;
    private volatile bool _isHeld = true;
    private Task _watching = Task.CompletedTask;

    private PostgresHold(PostgresLink link, HoldSettings settings, TimeProvider time, NpgsqlConnection connection) =>
        (_link, _settings, _time, _connection) = (link, settings, time, connection);

    /// <summary>Whether it is ours at this moment, as far as is known; false also while it is taken again.</summary>
    public bool IsHeld => _isHeld;

    /// <summary>Completes, with what happened, when another service has or had the ledger, or nobody can tell for a minute: nothing may be begun any more.</summary>
    public Task<LedgerException> Lost => _lost.Task;

    /// <summary>Takes the hold.</summary>
    /// <param name="address">The database of a ledger that was opened before.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="LedgerException">Another service has it, also after some seconds, or the database is not reached.</exception>
    public static Task<PostgresHold> TakeAsync(string address, TimeProvider time, CancellationToken ct) => TakeAsync(address, time, new HoldSettings(), ct);

    /// <summary>Takes the hold with what tests change.</summary>
    internal static async Task<PostgresHold> TakeAsync(string address, TimeProvider time, HoldSettings settings, CancellationToken ct)
    {
        var link = new PostgresLink(PostgresAddress.Parse(address), "godwit (hold)");
        NpgsqlConnection connection = await Task.Run(link.Open, ct).ConfigureAwait(false);
        try
        {
            // Whoever was killed a moment ago is gone from the server a moment later.
            long began = time.GetTimestamp();
            while (Ask(connection, Lock) is null)
            {
                if (time.GetElapsedTime(began) >= settings.PatienceToTake)
                {
                    throw new LedgerException($"Another service has the ledger {link.Name}: stop that one, or name another database.");
                }

                await Task.Delay(s_between, time, ct).ConfigureAwait(false);
            }

            var hold = new PostgresHold(link, settings, time, connection)
            {
                // Tells this holder from every later one.
                _number = Ask(connection, "UPDATE godwit_ledger SET holder = holder + 1 RETURNING holder") ?? 0,
            };
            hold._watching = Task.Run(hold.WatchAsync, CancellationToken.None);
            return hold;
        }
        catch (NpgsqlException e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw PostgresErrors.Translate(e, link.Name);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives it back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        GiveBack();
        await _connection.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>At once: the server takes a moment to notice that a connection was closed.</summary>
    private void GiveBack()
    {
        if (_connection.State != ConnectionState.Open)
        {
            return;
        }

        try
        {
            Ask(_connection, "SELECT CASE WHEN pg_advisory_unlock(1197766516, 2) THEN 1 END");
        }
        catch (NpgsqlException)
        {
            // It ends with the connection.
        }
    }

    private async Task WatchAsync()
    {
        while (true)
        {
            try
            {
                // Nobody notifies: this ends when the connection does, and in between it is asked whether it is still there.
                await _connection.WaitAsync(_settings.Question, _stop.Token).ConfigureAwait(false);
                Ask(_connection, "SELECT 1");
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _isHeld = false;
                if (await RegainAsync(PostgresErrors.Translate(e, _link.Name)).ConfigureAwait(false) is { } lost)
                {
                    _lost.TrySetResult(lost);
                    return;
                }

                _isHeld = true;
            }
        }
    }

    /// <returns>Null: it is ours again.</returns>
    private async Task<LedgerException?> RegainAsync(LedgerException why)
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
        for (long since = _time.GetTimestamp(); _time.GetElapsedTime(since) < _settings.PatienceToRegain;)
        {
            try
            {
                _connection = await Task.Run(_link.Open, _stop.Token).ConfigureAwait(false);
                if (Ask(_connection, Lock) == _number)
                {
                    return null;
                }

                // Whoever had it since has counted on, whether it has it still or not.
                long? number = Ask(_connection, "SELECT holder FROM godwit_ledger");
                await _connection.DisposeAsync().ConfigureAwait(false);
                if (number is not null && number != _number)
                {
                    return new LedgerException($"Another service took the ledger {_link.Name} while the connection was lost; it goes on with what is there.");
                }
            }
            catch (LedgerException e)
            {
                why = e;
            }
            catch (NpgsqlException e)
            {
                await _connection.DisposeAsync().ConfigureAwait(false);
                why = PostgresErrors.Translate(e, _link.Name);
            }

            await Task.Delay(s_between, _time, _stop.Token).ConfigureAwait(false);
        }

        return new LedgerException($"Whether another service has the ledger {_link.Name} could not be told for {_settings.PatienceToRegain.TotalSeconds:0} s. {why.Message}", why);
    }

    private static long? Ask(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 20 };
        return command.ExecuteScalar() switch
        {
            long number => number,
            int number => number,
            _ => null,
        };
    }
}

/// <summary>What tests change about a hold.</summary>
internal sealed record HoldSettings
{
    /// <summary>How long another one may have it still.</summary>
    public TimeSpan PatienceToTake { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long it may take to take it again.</summary>
    public TimeSpan PatienceToRegain { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the connection is asked whether it is still there.</summary>
    public TimeSpan Question { get; init; } = TimeSpan.FromSeconds(5);
}
