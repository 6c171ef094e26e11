using System.Globalization;
using Godwit.Drill;
using Godwit.Drill.Service;
using Xunit.Abstractions;

namespace Godwit.Tests.Drill;

/// <summary>Issue 8: a service that is killed at any step loses no transfer, carries none out twice, and none is stuck. <c>GODWIT_KILLS</c> sets how many kills
/// there are; the default is what fits into every test run.</summary>
public sealed class ServiceKillTests : IDisposable
{
    private readonly ITestOutputHelper _output;
    private readonly DirectoryInfo _room = Directory.CreateTempSubdirectory("godwit-trees-");
    private readonly Dictionary<string, string> _trees = [];

    public ServiceKillTests(ITestOutputHelper output)
    {
        _output = output;
        foreach (string name in (string[])["first", "second", "staged", "cancelled"])
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
        int kills = int.Parse(Environment.GetEnvironmentVariable("GODWIT_KILLS") is { Length: > 0 } told ? told : "14", CultureInfo.InvariantCulture);
        string file = Path.Combine(_room.FullName, "steps");
        await OneAsync(null, file);
        IReadOnlyDictionary<string, int> steps = DrillProcess.ReadSteps(file);
        int done = 0;
        int rounds = 0;
        foreach (string kill in Chosen(steps, kills))
        {
            rounds++;
            done += await OneAsync(kill, null) ? 1 : 0;
        }

        string said = $"a service killed {done} times in {rounds} rounds, among {steps.Count} kinds of steps: none lost, none twice, none stuck";
        _output.WriteLine(said);
        DrillProcess.Report("kills-service", said);
        Assert.InRange(done, Math.Min(kills, 10) / 2, int.MaxValue);
    }

    private async Task<bool> OneAsync(string? kill, string? steps)
    {
        await using var trial = new ServiceTrial(_trees);
        (string? wrong, bool killed) = await trial.RunAsync(kill, steps);
        Assert.True(wrong is null, wrong);
        return killed;
    }

    /// <summary>What only a service does first, each kind once, spread over the list where there is not time for all; then anything, at any time.</summary>
    private static IEnumerable<string> Chosen(IReadOnlyDictionary<string, int> steps, int kills)
    {
        var random = new Random(8);
        string[] own = [.. steps.Keys.Where(step => step.StartsWith("Service.", StringComparison.Ordinal)).OrderBy(_ => random.Next())];
        string[] all = [.. steps.Keys.Order(StringComparer.Ordinal)];
        IEnumerable<string> others = Enumerable.Range(0, kills).Select(_ => all[random.Next(all.Length)]);
        return own.Take(Math.Max(kills / 2, kills - 20)).Concat(others).Take(kills).Select(step => $"{step}@{random.Next(1, steps[step] + 1)}");
    }
}
