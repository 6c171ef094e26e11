using System.Globalization;
using Godwit.Drill;
using Xunit.Abstractions;

namespace Godwit.ServerTests.Postgres;

/// <summary>A service with its ledger in PostgreSQL that is killed at any step loses no transfer, carries none out twice, and none is stuck. <c>GODWIT_KILLS</c> sets
/// how many kills there are.</summary>
public sealed class PostgresServiceKillTests : IDisposable
{
    private readonly ITestOutputHelper _output;
    private readonly DirectoryInfo _room = Directory.CreateTempSubdirectory("godwit-trees-");
    private readonly Dictionary<string, string> _trees = [];

    public PostgresServiceKillTests(ITestOutputHelper output)
    {
        _output = output;
        foreach (string name in (string[])["first", "staged", "cancelled"])
        {
            _trees[name] = Path.Combine(_room.FullName, name);
            for (int i = 0; i < 6; i++)
            {
                string file = Path.Combine(_trees[name], $"d{i % 2}", $"f{i}");
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllBytes(file, new byte[i == 5 ? 9 << 20 : i * 1000]);
            }
        }
    }

    public void Dispose() => _room.Delete(recursive: true);

    [Fact]
    public async Task A_service_that_is_killed_loses_nothing_does_nothing_twice_and_leaves_nothing_stuck()
    {
        int kills = int.Parse(Environment.GetEnvironmentVariable("GODWIT_KILLS") is { Length: > 0 } told ? told : "5", CultureInfo.InvariantCulture);
        string file = Path.Combine(_room.FullName, "steps");
        await OneAsync(null, file);
        IReadOnlyDictionary<string, int> steps = DrillProcess.ReadSteps(file);
        string[] all = [.. steps.Keys.Order(StringComparer.Ordinal)];
        var random = new Random(9);
        int done = 0;
        for (int round = 0; round < kills; round++)
        {
            string step = all[random.Next(all.Length)];
            done += await OneAsync($"{step}@{random.Next(1, steps[step] + 1)}", null) ? 1 : 0;
        }

        string said = $"a service on PostgreSQL killed {done} times in {kills} rounds, among {steps.Count} kinds of steps: none lost, none twice, none stuck";
        _output.WriteLine(said);
        DrillProcess.Report("kills-service-postgres", said);
        Assert.InRange(done, Math.Min(kills, 10) / 2, int.MaxValue);
    }

    private async Task<bool> OneAsync(string? kill, string? steps)
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(PostgresServer.Keyless);
        await using var trial = new Drill.Service.ServiceTrial(_trees, place.Address);
        (string? wrong, bool killed) = await trial.RunAsync(kill, steps);
        Assert.True(wrong is null, wrong);
        return killed;
    }
}
