using System.Runtime.CompilerServices;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Postgres;
using Godwit.Transfers.Record.Sql;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Cli.Service;

/// <summary>The ledger of a service, which no other service has meanwhile: in its directory, or in a database.</summary>
internal sealed class ServiceLedger : IAsyncDisposable
{
    private readonly PostgresHold? _hold;

    private ServiceLedger(SqlLedger opened, PostgresHold? hold, string place) => (Opened, _hold, Place) = (opened, hold, place);

    /// <summary>The ledger. Closed by whoever uses it.</summary>
    public SqlLedger Opened { get; }

    /// <summary>Where it is, for messages.</summary>
    public string Place { get; }

    /// <summary>Why it cannot be used at present; null when it can.</summary>
    public string? Fault => _hold is { IsHeld: false } ? "The connection to the ledger's database was lost and is taken up again." : null;

    /// <summary>Completes, with what happened, when another service has it: nothing may be begun any more.</summary>
    public Task<LedgerException> Lost => _hold?.Lost ?? new TaskCompletionSource<LedgerException>().Task;

    /// <summary>Opens it.</summary>
    /// <param name="data">The service's directory, which it has alone already.</param>
    /// <param name="database">The address of a database; null to keep the ledger in the directory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="LedgerException">It cannot be opened, or another service has it.</exception>
    public static async Task<ServiceLedger> OpenAsync(string data, string? database, TimeProvider time, CancellationToken ct) => database is null
        ? new ServiceLedger(await SqliteLedger.OpenAsync(data, time, ct).ConfigureAwait(false), null, data)
        : await OpenAsync(database, time, ct).ConfigureAwait(false);

    /// <summary>Gives the hold back. The ledger is closed before.</summary>
    public ValueTask DisposeAsync() => _hold?.DisposeAsync() ?? ValueTask.CompletedTask;

    // The library for this database is loaded only here.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<ServiceLedger> OpenAsync(string database, TimeProvider time, CancellationToken ct)
    {
        PostgresLedger opened = await PostgresLedger.OpenAsync(database, time, ct).ConfigureAwait(false);
        try
        {
            PostgresHold hold = await PostgresHold.TakeAsync(database, time, ct).ConfigureAwait(false);
            return new ServiceLedger(opened, hold, PostgresLedger.NameOf(database));
        }
        catch
        {
            await opened.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
