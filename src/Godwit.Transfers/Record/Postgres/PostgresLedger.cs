using Godwit.Transfers.Record.Sql;

namespace Godwit.Transfers.Record.Postgres;

/// <summary>The ledger in a PostgreSQL database, 13 or newer. Several programs may have it open at once, wherever they run: one of them writes at a time.</summary>
/// <remarks>A connection that was lost is opened again at the next call; a call that writes waits some seconds for a server that is restarted. Where it was lost while a call was about to be committed, the call fails
/// although it may have been written; what the ledger holds decides.</remarks>
public sealed class PostgresLedger : SqlLedger
{
    private PostgresLedger(Connection writing, Connection reading)
        : base(writing, reading)
    {
    }

    /// <summary>All of the database, whatever else is in it.</summary>
    public override async ValueTask<long?> BytesAsync(CancellationToken ct) =>
        await ReadAsync(rows => rows.Number("SELECT pg_database_size(current_database())"), ct).ConfigureAwait(false);

    /// <summary>What an address is called in messages: neither user nor password.</summary>
    /// <exception cref="FormatException">The address is none; the message does not repeat it.</exception>
    public static string NameOf(string address) => PostgresAddress.Parse(address).Name;

    /// <summary>Whether there is a password in an address.</summary>
    /// <exception cref="FormatException">The address is none; the message does not repeat it.</exception>
    public static bool HasPassword(string address) => PostgresAddress.Parse(address).HasPassword;

    /// <summary>Opens the ledger of a database, and makes its tables where there are none.</summary>
    /// <param name="address">The database: <c>postgres://user@host:port/database</c>. A password that it lacks is taken from PGPASSWORD or the
    /// password file.</param>
    /// <param name="time">Tells when claims are renewed.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="FormatException">The address is none; the message does not repeat it.</exception>
    /// <exception cref="LedgerException">It cannot be opened, belongs to a newer Godwit or another program, or is not fit for a ledger.</exception>
    public static ValueTask<PostgresLedger> OpenAsync(string address, TimeProvider time, CancellationToken ct) =>
        OpenAsync(address, time, new PostgresSettings(), ct);

    /// <summary>Opens the ledger with what tests change.</summary>
    internal static async ValueTask<PostgresLedger> OpenAsync(string address, TimeProvider time, PostgresSettings settings, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var at = PostgresAddress.Parse(address);
        return await Task.Run(() => Open(at, time, settings, ct), ct).ConfigureAwait(false);
    }

    private static PostgresLedger Open(PostgresAddress address, TimeProvider time, PostgresSettings settings, CancellationToken ct)
    {
        var writing = new PostgresDatabase(new PostgresLink(address, "godwit"), settings.LockTries, settings.Restart);
        try
        {
            PostgresSchema.BringUpToDate(writing, settings.SchemaSteps, ct);
            var reading = new PostgresDatabase(new PostgresLink(address, "godwit (reading)"), settings.LockTries, TimeSpan.Zero);
            return new PostgresLedger(new Connection(writing, time), new Connection(reading, time));
        }
        catch
        {
            writing.Dispose();
            throw;
        }
    }
}

/// <summary>What tests change about opening a ledger.</summary>
internal sealed record PostgresSettings
{
    /// <summary>How often the lock is tried, half a second each: half a minute, many times what the longest transaction takes.</summary>
    public int LockTries { get; init; } = 60;

    /// <summary>How long a writer waits for a server that is restarted: longer than that takes when all is well.</summary>
    public TimeSpan Restart { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The steps of the schema.</summary>
    public IReadOnlyList<string> SchemaSteps { get; init; } = PostgresSchema.Steps;
}
