using Godwit.Backends.Local;
using Godwit.Drill;
using Godwit.Drill.Relay;
using Xunit.Abstractions;

namespace Godwit.Tests.Drill;

/// <summary>Promise 2 for both halves of a relay: killed at any instant on either side, everything arrives, and nothing is told as delivered that is
/// not there. <c>GODWIT_KILLS</c> sets how many kills there are, at every step; the default is what fits into every test run.</summary>
public sealed class RelayKillTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _room = Directory.CreateTempSubdirectory("godwit-relay-");

    public void Dispose() => _room.Delete(recursive: true);

    [Fact]
    public async Task A_relay_through_a_directory_survives_kills_on_both_sides()
    {
        string box = Path.Combine(_room.FullName, "box");
        var trial = new RelayTrial(_room.FullName, box, () => LocalStore.In(box));
        string[] said = await trial.RunAsync(RelaySteps.Chosen, RelaySteps.Rounds(40));
        output.WriteLine(string.Join('\n', said));
        DrillProcess.Report("kills-relay", said);
        Assert.True(trial.Wrongs.Count == 0, string.Join('\n', trial.Wrongs));
        Assert.InRange(trial.Kills, 10, int.MaxValue);
    }
}
