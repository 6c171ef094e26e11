using Godwit.Drill;
using Xunit.Abstractions;

namespace Godwit.Tests.Drill;

/// <summary>Killed anywhere while files are put aside: what was there is at its place or aside, and the next run finishes without keeping it twice.</summary>
public sealed class KillBackupTests(ITestOutputHelper output) : IDisposable
{
    private const int Files = 5;

    private readonly DirectoryInfo _room = Directory.CreateTempSubdirectory("godwit-aside-");

    public void Dispose() => _room.Delete(recursive: true);

    [Fact]
    public async Task A_sync_that_puts_aside_survives_a_kill_at_every_step()
    {
        Arrange();
        string file = At("steps");
        (int code, string said) = await RunAsync(null, file);
        Assert.True(code == 0, said);
        RequireDone("undisturbed");
        IReadOnlyDictionary<string, int> steps = DrillProcess.ReadSteps(file);
        string[] writes = [.. steps.Keys.Where(step => step.StartsWith("Destination.", StringComparison.Ordinal))];
        var missed = new List<string>();
        foreach (string step in writes)
        {
            // The order of threads decides how often a step is met.
            bool killed = false;
            foreach (string kill in (string[])[$"{step}@{(steps[step] + 1) / 2}", $"{step}@1", $"{step}@1"])
            {
                killed = killed || await KillAndFinishAsync(step, kill);
            }

            missed.AddRange(killed ? [] : [step]);
        }

        string[] report =
        [
            $"put-aside: killed at {writes.Length - missed.Count} of {writes.Length} kinds of steps at the destination, and finished",
            $"killed at: {string.Join(' ', writes.Except(missed))}",
        ];
        output.WriteLine(string.Join('\n', report));
        DrillProcess.Report("kills-put-aside", report);
        Assert.Contains("Destination.HardLink.After", writes);
        Assert.Empty(missed);
    }

    private async Task<bool> KillAndFinishAsync(string step, string kill)
    {
        Arrange();
        (int first, _) = await RunAsync(kill, null);
        RequireNothingLost(step);
        (int code, string said) = await RunAsync(null, null);
        Assert.True(code == 0, $"{step}: {said}");
        RequireDone(step);
        return first == DrillProcess.Killed;
    }

    private string At(string name) => Path.Combine(_room.FullName, name);

    private void Arrange()
    {
        foreach (string directory in new[] { "src", "dst", "aside", "state" }.Select(At).Where(Directory.Exists))
        {
            Directory.Delete(directory, recursive: true);
        }

        for (int i = 0; i < Files; i++)
        {
            Put($"src/d/changed{i}", $"newer content {i}");
            Put($"dst/d/changed{i}", $"old content {i}");
            Put($"dst/d/gone{i}", $"gone content {i}");
        }

        Put("dst/turned", "old file");
        Put("src/turned/inner", "new inner");
    }

    private void Put(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), content);
    }

    private static IEnumerable<string> Old() =>
        ["old file", .. Enumerable.Range(0, Files).SelectMany(i => (string[])[$"old content {i}", $"gone content {i}"])];

    private void RequireNothingLost(string step)
    {
        string[] all = [.. Contents("dst"), .. Contents("aside")];
        Assert.All(Old(), old => Assert.True(all.Contains(old), $"{step}: \"{old}\" is lost"));
        Assert.All(Enumerable.Range(0, Files), i => Assert.True(File.Exists(At($"dst/d/changed{i}")), $"{step}: changed{i} is missing"));
    }

    private void RequireDone(string step)
    {
        Assert.Equal(Contents("src"), Contents("dst"));
        Assert.True(Old().Order().SequenceEqual(Contents("aside").Order()), $"{step}: aside has {string.Join(", ", Contents("aside"))}");
    }

    private string[] Contents(string directory) => !Directory.Exists(At(directory)) ? [] : [.. Directory
        .EnumerateFiles(At(directory), "*", SearchOption.AllDirectories)
        .Where(file => !file.Contains(".godwit", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    private Task<(int Code, string Said)> RunAsync(string? kill, string? steps) => DrillProcess.RunAsync(
        ["sync", At("src"), At("dst"), "--backup-dir", At("aside"), "--state", At("state")], kill, steps);
}
