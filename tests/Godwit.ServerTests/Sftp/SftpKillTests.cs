using Godwit.Backends.Sftp;
using Godwit.ServerTests.Kills;
using Godwit.Storage;
using Xunit.Abstractions;

namespace Godwit.ServerTests.Sftp;

/// <summary>Promise 2 with a server on either side: killed at every kind of step, the same transfer again gives the same final state.</summary>
public sealed class SftpKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Chances = 4;

    private readonly string _room = Directory.CreateTempSubdirectory("godwit-sftp-kill-").FullName;
    private readonly string _remote = SftpTestServer.Fresh();

    public void Dispose()
    {
        Directory.Delete(_room, recursive: true);
        Directory.Delete(Path.Combine(SftpTestServer.Home, _remote), recursive: true);
    }

    [Fact]
    public async Task Into_a_server_a_copy_survives_a_kill_at_every_step()
    {
        await using SftpConnections connections = SftpTestServer.Connect("shell");
        await RequireSurvivesAsync("into-sftp", new KillDirectory(_room), new KillServer(_remote, connections), KillEveryStep.IsBehind("Destination"));
    }

    [Fact]
    public async Task Out_of_a_server_a_copy_survives_a_kill_at_every_step()
    {
        await using SftpConnections connections = SftpTestServer.Connect("shell");
        await RequireSurvivesAsync("out-of-sftp", new KillServer(_remote, connections), new KillDirectory(_room), KillEveryStep.IsBehind("Source"));
    }

    private Task RequireSurvivesAsync(string name, KillPlace source, KillPlace destination, Func<string, bool> takes) =>
        new KillEveryStep(source, destination, _room, name, output).RequireSurvivesAsync(takes, Chances);

    /// <summary>Directories of an account, which this machine sees too.</summary>
    private sealed class KillServer(string above, SftpConnections connections) : KillDirectory(Path.Combine(SftpTestServer.Home, above))
    {
        public override IReadOnlyDictionary<string, string> Variables { get; } =
            new Dictionary<string, string> { ["GODWIT_SSH_COMMAND"] = $"ssh -F {SftpTestServer.Config}" };

        public override long TimePrecision => 1_000_000_000;

        public override string Url(string name) => $"sftp://shell/~/{above}/{name}";

        public override async Task<IStore> OpenAsync(string name) => await SftpTestServer.OpenAsync(connections, $"{above}/{name}");
    }
}
