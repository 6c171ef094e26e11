using Npgsql;

namespace Godwit.Transfers.Record.Postgres;

/// <summary>Opens connections to one database, each set up in the same way.</summary>
internal sealed class PostgresLink(PostgresAddress address, string application)
{
    private const int OldestServer = 13;

    // The queries are written for a database that goes down trees in the order in which the tables are named, and that order is right however little is known
    // of the rows. Whoever vanishes without a word, with his machine, keeps neither the lock nor the hold for long.
    private const string SetUp = """
        SET client_encoding = 'UTF8'; SET bytea_output = 'hex'; SET jit = off; SET enable_seqscan = off; SET join_collapse_limit = 1;
        SET lock_timeout = '500ms'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = '2min';
        SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4;
        SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)
        """;

    private readonly string _settings = address.Settings(application).ConnectionString;

    /// <summary>The database, for messages.</summary>
    public string Name => address.Name;

    /// <summary>Opens one.</summary>
    /// <exception cref="LedgerException">It cannot be opened, or is not fit for a ledger.</exception>
    public NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(_settings);
        try
        {
            connection.Open();
            RequireFit(connection);
            using var setUp = new NpgsqlCommand(SetUp, connection);
            setUp.ExecuteNonQuery();
            return connection;
        }
        catch (NpgsqlException e)
        {
            connection.Dispose();
            throw PostgresErrors.Translate(e, Name);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void RequireFit(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new LedgerException($"The ledger {Name} cannot be kept in PostgreSQL {connection.PostgreSqlVersion}: {OldestServer} or newer is needed.");
        }

        if (Ask(connection, "SHOW server_encoding") is var encoding and not "UTF8")
        {
            throw new LedgerException($"The ledger {Name} cannot be kept in a database of encoding {encoding}: make one with createdb --encoding UTF8 --template template0.");
        }

        if (Ask(connection, "SHOW fsync") is "off")
        {
            throw new LedgerException($"The ledger {Name} would not survive a power failure, because its server runs with fsync off: switch it on.");
        }
    }

    private static string Ask(NpgsqlConnection connection, string question)
    {
        using var asking = new NpgsqlCommand(question, connection);
        return (string)asking.ExecuteScalar()!;
    }
}
