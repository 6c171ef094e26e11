using Godwit.Drill;
using Xunit.Abstractions;

namespace Godwit.Tests.Drill;

/// <summary>
/// Promise 2: killed at any instant, then the same transfer again, gives the same final state. <c>GODWIT_KILLS</c> sets how many random
/// kills there are and <c>GODWIT_KILL_BYTES</c> the size of the large tree; the defaults are what fits into every test run.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int TriesAtFirst = 4;

    private readonly DirectoryInfo _room = Directory.CreateTempSubdirectory("godwit-tree-");

    private static int RandomKills => int.Parse(Environment.GetEnvironmentVariable("GODWIT_KILLS") ?? "10");

    private static long LargeBytes => long.Parse(Environment.GetEnvironmentVariable("GODWIT_KILL_BYTES") ?? (96L << 20).ToString());

    [Fact]
    public Task A_tree_of_small_files_survives_a_kill_at_every_step()
    {
        var random = new Random(1);
        int files = int.Parse(Environment.GetEnvironmentVariable("GODWIT_KILL_FILES") ?? "700");
        for (int i = 0; i < files; i++)
        {
            Write($"d{i % 13}/e{i % 7}/f{i}", random, random.Next(0, 9_000));
        }

        return RequireSurvivesAsync("small-files");
    }

    [Fact]
    public Task A_tree_with_large_files_survives_a_kill_at_every_step()
    {
        var random = new Random(2);
        Write("large", random, LargeBytes * 2 / 3);
        Write("d/other", random, LargeBytes / 3);
        Write("d/empty", random, 0);
        return RequireSurvivesAsync("large-files");
    }

    public void Dispose() => _room.Delete(recursive: true);

    private async Task RequireSurvivesAsync(string name)
    {
        using var trial = new KillTrial(_room.FullName);
        IReadOnlyDictionary<string, int> steps = await trial.StepsAsync();
        var wrongs = new List<string>();
        var missed = new List<string>();
        foreach ((string step, int times) in steps)
        {
            // In the middle of its occurrences: the first is often before anything happened. The order of threads decides how many there
            // are; one that is seldom met is waited for.
            string[] tries = [$"{step}@{(times + 1) / 2}", .. Enumerable.Repeat($"{step}@1", TriesAtFirst)];
            if (!await KillAsync(tries))
            {
                missed.Add(step);
            }
        }

        int all = steps.Values.Sum();
        int byChance = 0;
        var random = new Random(3);
        for (int i = 0; i < RandomKills; i++)
        {
            byChance += await KillAsync(random.Next(1, all + 1).ToString()) ? 1 : 0;
        }

        string[] said =
        [
            $"{name}: killed at {steps.Count - missed.Count} of {steps.Count} kinds of steps and {byChance} of {RandomKills} times by chance among {all} steps, and finished",
            $"killed at: {string.Join(' ', steps.Keys.Except(missed))}",
            $"not met again: {string.Join(' ', missed)}",
            $"wrong: {(wrongs.Count == 0 ? "nothing" : string.Join(' ', wrongs))}",
        ];
        output.WriteLine(string.Join('\n', said));
        DrillProcess.Report($"kills-{name}", said);
        Assert.Empty(wrongs);
        Assert.Empty(missed);

        // Tries until one of the kills happened.
        async Task<bool> KillAsync(params string[] kills)
        {
            foreach (string kill in kills)
            {
                (string? wrong, bool killed) = await trial.KillAndFinishAsync(kill);
                if (wrong is not null)
                {
                    wrongs.Add(wrong);
                }

                if (killed)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private void Write(string name, Random random, long length)
    {
        string path = Path.Combine(_room.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var block = new byte[1 << 20];
        using (FileStream file = File.Create(path))
        {
            for (long left = length; left > 0; left -= block.Length)
            {
                random.NextBytes(block);
                file.Write(block, 0, (int)Math.Min(left, block.Length));
            }
        }

        File.SetLastWriteTimeUtc(path, new DateTime(2026, 11, 20, 0, 0, 0, DateTimeKind.Utc).AddTicks(random.NextInt64(1L << 40)));
    }
}
