using System.Collections.Concurrent;
using Godwit.Drill;
using Xunit.Abstractions;

namespace Godwit.ServerTests.Kills;

/// <summary>Promise 2: killed at every kind of step, and at steps of chance, the same transfer again gives the same final state.</summary>
/// <param name="source">Where the tree is.</param>
/// <param name="destination">Where it goes.</param>
/// <param name="room">A directory for the ledgers.</param>
/// <param name="name">What the report of it is called.</param>
/// <param name="output">Gets what was tried.</param>
internal sealed class KillEveryStep(KillPlace source, KillPlace destination, string room, string name, ITestOutputHelper output)
{
    private const int KillsAtOnce = 3;
    private const int TriesAlone = 4;

    /// <summary>How many small files there are beside the two large ones.</summary>
    public int SmallFiles { get; init; } = 12;

    /// <summary>Every kind of call of the server's, and what begins, moves, proves, records and publishes a file. What is before a step is behind
    /// another one, and what else a directory and the ledger are asked are steps of copies between directories: here each run logs in anew.
    /// With <c>GODWIT_KILLS</c> set, every step there is.</summary>
    /// <param name="side">Which side the server is on: Source or Destination.</param>
    public static Func<string, bool> IsBehind(string side) => Environment.GetEnvironmentVariable("GODWIT_KILLS") is { Length: > 0 }
        ? _ => true
        : step => step.Split('.') is [var where, var verb, "After"] && (where == side
            || verb is "BeginParts" or "ResumeParts" or "OpenUnpublished" or "WritePart" or "CompleteParts"
            || verb is "StartFiles" or "AdoptFiles" or "RecordUpload" or "RecordParts" or "RecordCompleting" or "RecordDelivered");

    /// <summary>Tries it.</summary>
    /// <param name="takes">The steps to be killed at.</param>
    /// <param name="chances">Kills at steps of any kind, by chance.</param>
    /// <param name="options">Options of every copy.</param>
    public async Task RequireSurvivesAsync(Func<string, bool> takes, int chances, params string[] options)
    {
        var trial = new KillTrial(source, destination, Path.Combine(room, "state"), options);
        await source.FillAsync(KillTrial.Source, Math.Max(1, Math.Max(source.TimePrecision, destination.TimePrecision)), SmallFiles);
        List<Kill> kills = await KillsAsync(trial, takes, chances, options);
        var wrongs = new ConcurrentQueue<string>();
        var missed = new ConcurrentQueue<Kill>();
        await Parallel.ForEachAsync(kills, new ParallelOptions { MaxDegreeOfParallelism = KillsAtOnce }, async (kill, _) =>
        {
            // In the middle of its occurrences; the order of threads decides how many there are.
            string? wrong = await trial.KillAndFinishAsync(kill.Found, kill.Middle) ?? await trial.KillAndFinishAsync(kill.Found, kill.First);
            if (wrong is null)
            {
                missed.Enqueue(kill);
            }
            else if (wrong.Length > 0)
            {
                wrongs.Enqueue($"{kill.Middle}: {wrong}");
            }
        });
        List<Kill> unmet = await RetryAsync(trial, missed, wrongs);
        string[] said =
        [
            $"{name}: killed at {kills.Count - unmet.Count} steps and finished; {trial.WentOn} large files went on inside, {trial.Unknown} uploads were begun and not recorded",
            $"killed at: {string.Join(' ', kills.Except(unmet).Select(kill => kill.Middle))}",
            $"met by chance, and not when it was to be killed there: {string.Join(' ', unmet.Select(kill => kill.Middle))}",
            $"wrong: {(wrongs.IsEmpty ? "nothing" : string.Join(' ', wrongs))}",
        ];
        output.WriteLine(string.Join('\n', said));
        DrillProcess.Report($"kills-{name}", said);
        Assert.True(wrongs.IsEmpty, string.Join('\n', wrongs));
        Assert.True(!destination.TakesParts || options.Length > 0 || trial.WentOn > 0, "no large file went on inside");
    }

    /// <summary>A step that was seen in a run alone is looked for in runs alone, until one that nobody kills does not meet it either.</summary>
    private static async Task<List<Kill>> RetryAsync(KillTrial trial, ConcurrentQueue<Kill> missed, ConcurrentQueue<string> wrongs)
    {
        List<Kill> unmet = [.. missed.Where(kill => !kill.IsCertain)];
        foreach (Kill kill in missed.Where(kill => kill.IsCertain))
        {
            string? wrong = null;
            bool isMet = true;
            for (int attempt = 0; attempt < TriesAlone && wrong is null && isMet; attempt++)
            {
                wrong = await trial.KillAndFinishAsync(kill.Found, kill.First);
                isMet = wrong is not null || kill.Kind is null || (await trial.StepsAsync(kill.Found)).ContainsKey(kill.Kind);
            }

            if (!isMet)
            {
                unmet.Add(kill);
            }
            else if (wrong is null or { Length: > 0 })
            {
                wrongs.Enqueue($"{kill.Middle}: {wrong ?? "it was not met"}");
            }
        }

        return unmet;
    }

    private static async Task<List<Kill>> KillsAsync(KillTrial trial, Func<string, bool> takes, int chances, string[] options)
    {
        var kills = new List<Kill>();
        var seen = new HashSet<string>();
        var random = new Random(17);
        FoundState[] states = options is [_, "server" or "third-party"]
            ? [FoundState.Nothing]
            : [FoundState.Nothing, FoundState.Unrecorded, FoundState.HalfSent, FoundState.HalfSent with { Options = ["--exclude", "/a-large/**"] }];
        foreach (FoundState found in states)
        {
            IReadOnlyDictionary<string, int> steps = await trial.StepsAsync(found);
            IReadOnlyDictionary<string, int> others = found.IsFirst ? steps : await trial.StepsAsync(found);

            // A step of a first run is the same step in a later one.
            kills.AddRange(steps.Where(step => takes(step.Key) && seen.Add(step.Key)).Select(
                step => new Kill(found, step.Key, (step.Value + 1) / 2, others.ContainsKey(step.Key))));
            kills.AddRange(Enumerable.Range(0, chances).Select(_ => new Kill(found, null, random.Next(1, steps.Values.Sum() * 9 / 10), true)));
        }

        return kills;
    }

    /// <param name="Found">What the run finds.</param>
    /// <param name="Kind">The kind of step; null for one of any kind.</param>
    /// <param name="Count">Which of them, of how many there are about the middle one.</param>
    /// <param name="IsCertain">Whether every such run meets it: what a run finds depends on the moment at which the one before was stopped.</param>
    private sealed record Kill(FoundState Found, string? Kind, int Count, bool IsCertain)
    {
        public string Middle => At(Count);

        public string First => At(1);

        private string At(int count) => Kind is null ? $"{count}" : $"{Kind}@{count}";
    }
}
