using System.Diagnostics;
using Godwit.Conformance.Ledger;
using Godwit.Transfers.Record.Postgres;
using Npgsql;

namespace Godwit.ServerTests.Postgres;

/// <summary>The PostgreSQL server that the tests run against: <c>./test</c> starts it and says where it is.</summary>
internal static class PostgresServer
{
    private const string HowToStart = "start the server and take over its settings: set -a; eval \"$(servers/postgres start)\"; set +a";

    /// <summary>The address of a database of it.</summary>
    public static string Address => Setting("GODWIT_TEST_POSTGRES");

    /// <summary>The same for a user who needs no password.</summary>
    public static string Keyless => Setting("GODWIT_TEST_POSTGRES_KEYLESS");

    /// <summary>The directory of its socket.</summary>
    public static string Socket => Setting("GODWIT_TEST_POSTGRES_SOCKET");

    /// <summary>The program that makes servers.</summary>
    public static string Program => Setting("GODWIT_TEST_POSTGRES_PROGRAM");

    /// <summary>Runs a program, which has to succeed, and gives what it said.</summary>
    public static async Task<string> RunAsync(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {process.ExitCode}\n{said}{await errors}");
        return said;
    }

    private static string Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"No PostgreSQL server is known ({name} is not set): run ./test, or {HowToStart}");
}

/// <summary>A database of its own, which is taken away at the end.</summary>
internal sealed class PostgresPlace : IAsyncDisposable
{
    private readonly string _server;

    private PostgresPlace(string server, string name) => (_server, Name) = (server, name);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its address.</summary>
    public string Address => _server[..(_server.LastIndexOf('/') + 1)] + Name;

    /// <summary>Makes one.</summary>
    /// <param name="server">The address of another database of the server; null for the server of all tests.</param>
    /// <param name="how">What CREATE DATABASE is told.</param>
    public static async Task<PostgresPlace> MakeAsync(string? server = null, string how = "")
    {
        var made = new PostgresPlace(server ?? PostgresServer.Address, $"t{Guid.NewGuid():N}");
        await ExecuteAsync(made._server, $"CREATE DATABASE {made.Name} {how}");
        return made;
    }

    /// <summary>Runs statements there.</summary>
    public Task ExecuteAsync(string sql) => ExecuteAsync(Address, sql);

    /// <summary>Asks for one value.</summary>
    public async Task<object?> AskAsync(string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync(Address);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>A connection as any program has it.</summary>
    public Task<NpgsqlConnection> OpenAsync() => OpenAsync(Address);

    public async Task<OpenedSubmissions> OpenSubmissionsAsync()
    {
        PostgresLedger ledger = await PostgresLedger.OpenAsync(Address, TimeProvider.System, default);
        return new OpenedSubmissions(ledger.Submissions, ledger)
        {
            Ledger = ledger,
            Journal = ledger.Journal,
            Tokens = ledger.Tokens,
            Settings = ledger.ServiceSettings,
            Audit = ledger.Audit,
            Schedules = ledger.Schedules,
            Notices = ledger.Notices,
            CallOuts = ledger.CallOuts,
            Housekeeping = ledger.Housekeeping,
        };
    }

    public async ValueTask DisposeAsync() => await ExecuteAsync(_server, $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");

    private static async Task ExecuteAsync(string address, string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync(address);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<NpgsqlConnection> OpenAsync(string address)
    {
        var connection = new NpgsqlConnection(PostgresAddress.Parse(address).Settings("test").ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
