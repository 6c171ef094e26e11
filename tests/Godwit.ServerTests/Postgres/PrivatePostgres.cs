namespace Godwit.ServerTests.Postgres;

/// <summary>A server of its own, which may be killed.</summary>
public sealed class PrivatePostgres : IAsyncLifetime
{
    private readonly DirectoryInfo _room = Directory.CreateTempSubdirectory("godwit-postgres-");
    private string _control = "";

    /// <summary>The address of a database of it.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The same for a user who needs no password.</summary>
    public string Keyless { get; private set; } = "";

    private Dictionary<string, string> Environment => new() { ["GODWIT_POSTGRES_FOLDER"] = Path.Combine(_room.FullName, "server") };

    public async Task InitializeAsync()
    {
        // Its user has to pass through.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_room.FullName, (UnixFileMode)Convert.ToInt32("755", 8));
        }

        string said = await PostgresServer.RunAsync(PostgresServer.Program, Environment, "start");
        Dictionary<string, string> settings = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(line => line.Split('=')[0], line => line[(line.IndexOf('=') + 1)..]);
        Address = settings["GODWIT_TEST_POSTGRES"];
        Keyless = settings["GODWIT_TEST_POSTGRES_KEYLESS"];
        _control = settings["GODWIT_TEST_POSTGRES_CONTROL"];
    }

    /// <summary>Starts, stops, restarts or kills it.</summary>
    public Task ControlAsync(params string[] arguments) => PostgresServer.RunAsync(_control, Environment, arguments);

    public async Task DisposeAsync()
    {
        await PostgresServer.RunAsync(PostgresServer.Program, Environment, "stop");
        _room.Delete(recursive: true);
    }
}
