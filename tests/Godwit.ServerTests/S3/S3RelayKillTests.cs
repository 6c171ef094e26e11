using Godwit.Drill;
using Godwit.Drill.Relay;
using Godwit.Storage;
using Xunit.Abstractions;

namespace Godwit.ServerTests.S3;

/// <summary>Promise 2 for both halves of a relay through a real bucket, while calls fail, lose their answers, and bytes break off and flip.</summary>
public sealed class S3RelayKillTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _room = Directory.CreateTempSubdirectory("godwit-relay-").FullName;

    public void Dispose() => Directory.Delete(_room, recursive: true);

    [Fact]
    public async Task A_relay_through_a_bucket_with_faults_survives_kills_on_both_sides()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        IStore Open() => StoreStack.Build(
            bucket.Open(options => options with { Prefix = StorePath.FromText("a/box") }), StoreStackOptions.Remote, TimeProvider.System);
        var trial = new RelayTrial(_room, $"s3://{bucket.Name}/a/box", Open)
        {
            Variables = new KillBucket("a", bucket).Variables,
            WithFaults = true,
        };
        string[] said = await trial.RunAsync(RelaySteps.Chosen, RelaySteps.Rounds(10));
        output.WriteLine(string.Join('\n', said));
        DrillProcess.Report("kills-relay-s3", said);
        Assert.True(trial.Wrongs.Count == 0, string.Join('\n', trial.Wrongs));
        Assert.InRange(trial.Kills, 10, int.MaxValue);
    }
}
