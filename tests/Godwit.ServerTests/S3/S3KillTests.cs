using Xunit.Abstractions;

namespace Godwit.ServerTests.S3;

/// <summary>Promise 2 with a bucket on either side: killed at every kind of step, the same transfer again gives the same final state.</summary>
public sealed class S3KillTests(ITestOutputHelper output) : IDisposable
{
    private const int KillsAtOnce = 3;

    private readonly string _room = Directory.CreateTempSubdirectory("godwit-s3-kill-").FullName;

    public void Dispose() => Directory.Delete(_room, recursive: true);

    [Fact]
    public async Task Into_a_bucket_a_copy_survives_a_kill_at_every_step()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await RequireSurvivesAsync(new KillPlace(_room, null), new KillPlace("archive", bucket), _ => true);
    }

    [Fact]
    public async Task Out_of_a_bucket_a_copy_survives_a_kill_at_every_step()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await RequireSurvivesAsync(new KillPlace("night", bucket), new KillPlace(_room, null), _ => true);
    }

    // Each side's steps are those of the two tests above: what is left to see is that they go together.
    [Fact]
    public async Task From_bucket_to_bucket_a_copy_survives_a_kill_at_every_step_that_writes()
    {
        await using S3Bucket here = await S3Bucket.MakeAsync();
        await using S3Bucket there = await S3Bucket.MakeAsync();
        await RequireSurvivesAsync(new KillPlace("night", here), new KillPlace("archive", there), IsWrite, "--route", "stream");
    }

    [Fact]
    public async Task A_copy_within_the_server_survives_a_kill_at_every_step_that_writes()
    {
        await using S3Bucket here = await S3Bucket.MakeAsync();
        await using S3Bucket there = await S3Bucket.MakeAsync();
        await RequireSurvivesAsync(new KillPlace("night", here), new KillPlace("archive", there), IsWrite, "--route", "server");
    }

    private static bool IsWrite(string step) => step.EndsWith(".After", StringComparison.Ordinal)
        && step.Split('.')[1] is "Write" or "WritePart" or "BeginParts" or "CompleteParts" or "AbortParts" or "ServerCopy" or "RecordUpload";

    private async Task RequireSurvivesAsync(KillPlace source, KillPlace destination, Func<string, bool> takes, params string[] options)
    {
        var trial = new S3KillTrial(source, destination, Path.Combine(_room, "state"), options);
        await source.FillAsync(S3KillTrial.Source);
        var kills = new List<(string[]? Again, string Step, int Times)>();
        string[]?[] scenarios = options.Contains("server") ? [null] : [null, [], ["--exclude", "/a-large/**"]];
        foreach (string[]? again in scenarios)
        {
            foreach ((string step, int times) in await trial.StepsAsync(again))
            {
                // A step of a first run is the same step in a later one.
                if (takes(step) && !kills.Exists(kill => kill.Step == step))
                {
                    kills.Add((again, step, times));
                }
            }
        }

        var wrongs = new List<string>();
        await Parallel.ForEachAsync(kills, new ParallelOptions { MaxDegreeOfParallelism = KillsAtOnce }, async (kill, _) =>
        {
            // In the middle of its occurrences; the order of threads decides how many there are.
            string wrong = await trial.KillAndFinishAsync(kill.Again, $"{kill.Step}@{(kill.Times + 1) / 2}")
                ?? await trial.KillAndFinishAsync(kill.Again, $"{kill.Step}@1") ?? "it was not met";
            if (wrong.Length > 0)
            {
                lock (wrongs)
                {
                    wrongs.Add($"{kill.Step}: {wrong}");
                }
            }
        });
        output.WriteLine($"killed at {kills.Count} kinds of steps: {string.Join(' ', kills.Select(kill => kill.Step))}");
        output.WriteLine($"{trial.WentOn} large files went on inside, {trial.Unknown} uploads were begun and not recorded");
        Assert.True(wrongs.Count == 0, string.Join('\n', wrongs));
        Assert.True(options.Length > 0 || trial.WentOn > 0, "no large file went on inside");
    }
}
