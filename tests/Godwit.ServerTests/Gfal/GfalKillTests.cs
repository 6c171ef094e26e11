using Godwit.Backends.Gfal;
using Godwit.ServerTests.Kills;
using Godwit.Storage;
using Xunit.Abstractions;

namespace Godwit.ServerTests.Gfal;

/// <summary>Promise 2 with a server of the grid on either side: killed at every kind of step, the same transfer again gives the same final
/// state.</summary>
public sealed class GfalKillTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _room = Directory.CreateTempSubdirectory("godwit-grid-kill-").FullName;
    private readonly string _remote = GridServer.Fresh();

    public void Dispose()
    {
        Directory.Delete(_room, recursive: true);
        foreach (string directory in GridServer.OnDisk(_remote).Where(Directory.Exists))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task Into_a_server_a_copy_survives_a_kill_at_every_step(string server)
    {
        await using GfalWorkers workers = GridServer.Connect(server);
        await RequireSurvivesAsync($"into-{server}", new KillDirectory(_room), new KillServer(server, _remote, workers), KillEveryStep.IsBehind("Destination"));
    }

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task Out_of_a_server_a_copy_survives_a_kill_at_every_step(string server)
    {
        await using GfalWorkers workers = GridServer.Connect(server);
        await RequireSurvivesAsync($"out-of-{server}", new KillServer(server, _remote, workers), new KillDirectory(_room), KillEveryStep.IsBehind("Source"));
    }

    // What is read and looked at are steps of the tests above. Two servers meet anew for each file, which XRootD's take seconds for.
    [Fact]
    public async Task From_server_to_server_a_copy_survives_a_kill_at_every_step_that_writes()
    {
        await using GfalWorkers here = GridServer.Connect("gridftp");
        await using GfalWorkers there = GridServer.Connect("gridftp-b");
        KillPlace source = new KillServer("gridftp", _remote, here), destination = new KillServer("gridftp-b", _remote, there);
        await new KillEveryStep(source, destination, _room, "gridftp-to-gridftp", output) { SmallFiles = 3 }
            .RequireSurvivesAsync(IsWrite, chances: 0, "--route", "third-party");
    }

    private static bool IsWrite(string step) => step is "Destination.BeginParts.After" or "Destination.Pull.After" or "Destination.CompleteParts.After"
        or "Destination.AbortParts.After" or "Ledger.RecordDelivered.After";

    private Task RequireSurvivesAsync(string name, KillPlace source, KillPlace destination, Func<string, bool> takes) =>
        new KillEveryStep(source, destination, _room, name, output) { SmallFiles = 6 }.RequireSurvivesAsync(takes, chances: 0);

    /// <summary>Directories of Alice's, which this machine sees too.</summary>
    private sealed class KillServer(string server, string above, GfalWorkers workers) : KillDirectory(GridServer.OnDisk(server, above))
    {
        public override IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
        {
            ["X509_USER_PROXY"] = GridServer.Setting("X509_ALICE"),
            ["X509_CERT_DIR"] = GridServer.Setting("X509_CERT_DIR"),
        };

        public override long TimePrecision => 0;

        public override bool TakesParts => GridServer.Server(server).IsXrootd;

        protected override long ToldPrecision => 1_000_000_000;

        public override string Url(string name) => GridServer.Url(server, $"{above}/{name}");

        public override Task<IStore> OpenAsync(string name) => Task.FromResult<IStore>(GridServer.Open(workers, server, $"{above}/{name}"));
    }
}
