using System.Globalization;
using Godwit.Backends.DropBox;
using Godwit.Backends.Local;
using Godwit.Cli;
using Godwit.Storage;

namespace Godwit.Drill.Relay;

/// <summary>Pushes and pulls a tree whose files change, by real processes that are killed, and says what is wrong after each kill and at the end.</summary>
/// <param name="room">A directory for all but the box.</param>
/// <param name="box">The address of the box.</param>
/// <param name="openBox">Opens the store that the box is in.</param>
internal sealed class RelayTrial(string room, string box, Func<IStore> openBox)
{
    private const int Seed = 23;

    private readonly RelayTree _tree = new(Path.Combine(room, "site"));
    private readonly List<string> _wrongs = [];
    private readonly List<string> _killed = [];
    private readonly List<string> _unmet = [];
    private RelayJudge? _judge;
    private int _round;

    /// <summary>What reaches the box, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether calls between Godwit and the box fail, lose their answers, and break or change bytes in each round that is killed.</summary>
    public bool WithFaults { get; init; }

    /// <summary>How many runs were killed.</summary>
    public int Kills => _killed.Count;

    /// <summary>What was wrong, each with its round.</summary>
    public IReadOnlyList<string> Wrongs => _wrongs;

    private string Archive => Path.Combine(room, "archive");

    private RelayJudge Judge => _judge ??= new RelayJudge(_tree, Archive, openBox);

    /// <summary>Kills at each kind of step that is chosen, then at steps by chance, and finishes.</summary>
    /// <param name="takes">The kinds of steps: <c>push</c> or <c>pull</c>, and the step.</param>
    /// <param name="rounds">Kills together at least; what the kinds of steps leave are by chance.</param>
    /// <returns>What was tried.</returns>
    public async Task<string[]> RunAsync(Func<string, string, bool> takes, int rounds)
    {
        var random = new Random(Seed);
        IReadOnlyDictionary<string, int> push = await StepsAsync("push");
        IReadOnlyDictionary<string, int> pull = await StepsAsync("pull");
        (string Verb, string Step)[] kinds =
        [
            .. push.Keys.Where(step => takes("push", step)).Select(step => ("push", step)),
            .. pull.Keys.Where(step => takes("pull", step)).Select(step => ("pull", step)),
        ];
        random.Shuffle(kinds);
        foreach ((string verb, string step) in kinds)
        {
            int times = (verb == "push" ? push : pull)[step];

            // A round finds fewer new files than the first one.
            string[] tries = random.Next(2) == 0 ? [$"{step}@{(times + 3) / 4}", $"{step}@1"] : [$"{step}@1"];
            await KillAsync(verb, tries);
        }

        for (int i = kinds.Length; i < rounds; i++)
        {
            string verb = random.Next(2) == 0 ? "push" : "pull";
            int all = (verb == "push" ? push : pull).Values.Sum();
            await KillAsync(verb, $"{random.Next(1, Math.Max(2, all / 2))}", "1");
        }

        await FinishAsync();
        return
        [
            $"{_killed.Count} kills in {_round} rounds; {_unmet.Count} steps were not met; {_wrongs.Count} wrongs",
            $"killed at: {string.Join(' ', _killed)}",
            $"not met: {string.Join(' ', _unmet)}",
            .. _wrongs,
        ];
    }

    private async Task<IReadOnlyDictionary<string, int>> StepsAsync(string verb)
    {
        _tree.Change(all: true);
        if (verb == "pull")
        {
            await RequireAsync("push");
        }

        string file = Path.Combine(room, verb + ".steps");
        (int code, string said) = await DrillProcess.RunAsync(ArgumentsOf(verb), null, file, Variables);
        Expect(code == 0, $"an unharmed {verb} ended with {code}: {said}");
        await JudgeAsync();
        return DrillProcess.ReadSteps(file);
    }

    /// <summary>A round: files change, and what moves them is killed.</summary>
    private async Task KillAsync(string verb, params string[] tries)
    {
        foreach (string kill in tries)
        {
            _round++;
            _tree.Change(all: false);
            if (verb == "pull")
            {
                await RequireAsync("push");
            }

            string side = verb == "push" ? "Destination" : "Source";
            Dictionary<string, string> variables = new(Variables);
            if (WithFaults)
            {
                variables["GODWIT_DRILL_FAULTS"] = string.Create(CultureInfo.InvariantCulture, $"{side}:{_round}");
            }

            (int code, string said) = await DrillProcess.RunAsync(ArgumentsOf(verb), kill, null, variables);

            // What a fault did to a file is told, and the next run does it again.
            Expect(code is 0 or DrillProcess.Killed || WithFaults && IsToldOfFiles(code), $"{verb} {kill} ended with {code}: {said}");
            await JudgeAsync();
            if (code == DrillProcess.Killed)
            {
                _killed.Add($"{verb}:{kill}");
                await CollectAsync(verb);
                return;
            }
        }

        _unmet.Add($"{verb}:{tries[^1]}");
    }

    /// <summary>After every other push that was killed, what it had put in is taken out before the same push goes on.</summary>
    private async Task CollectAsync(string killed)
    {
        if (killed == "push" && _round % 2 == 0)
        {
            await RequireAsync("pull");
            await RequireAsync("push");
            await JudgeAsync();
        }
    }

    private async Task FinishAsync()
    {
        _tree.Change(all: false);
        await RequireAsync("push");
        await JudgeAsync();
        await RequireAsync("pull");
        await RunHereAsync("relay", "prune", box, "--older-than", "0s");
        await RunHereAsync("relay", "repair", box, "--older-than", "0s");
        await JudgeAsync();
        _wrongs.AddRange(await Judge.JudgeEndAsync());

        // Whoever has nothing to do does nothing.
        await RequireAsync("push");
        await RequireAsync("pull");
        await JudgeAsync();
        _wrongs.AddRange(await Judge.JudgeEndAsync());
    }

    private async Task JudgeAsync()
    {
        StoreIdentity inside = DropBoxStore.IdentityIn(IdentityOfBox());
        IReadOnlyList<string>[] found =
        [
            await Judge.JudgeBoxAsync(),
            await Judge.JudgeReceiptsAsync(StateOf("push"), LocalStore.In(_tree.Root).Identity, inside),
            await Judge.JudgeReceiptsAsync(StateOf("pull"), inside, LocalStore.In(Archive).Identity),
        ];
        foreach (string wrong in found.SelectMany(some => some))
        {
            Expect(false, wrong);
        }
    }

    private StoreIdentity IdentityOfBox() => openBox().Identity;

    /// <summary>Within this process, which no fault and no kill reaches.</summary>
    private async Task RequireAsync(string verb) => await RunHereAsync([.. ArgumentsOf(verb)]);

    private async Task RunHereAsync(params string[] arguments)
    {
        using var said = new StringWriter(CultureInfo.InvariantCulture);
        var wiring = new Wiring { Environment = name => Variables.GetValueOrDefault(name), OpenOutput = () => Stream.Null };
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)arguments, wiring, said, said, default);
        Expect(code == 0, $"{string.Join(' ', arguments)} ended with {code}: {said}");
    }

    private IEnumerable<string> ArgumentsOf(string verb) =>
    [
        "relay", verb, .. verb == "push" ? (string[])[_tree.Root, box] : [box, Archive], "--state", StateOf(verb), "--quiet",
        "--part-size", "1MiB", "--parts", "2", "--transfers", "4",
    ];

    private string StateOf(string verb) => Path.Combine(room, verb + "ing");

    private static bool IsToldOfFiles(int code) => code is (int)ExitCode.Other or (int)ExitCode.FailedRetryable or (int)ExitCode.FailedForGood;

    private void Expect(bool holds, string wrong)
    {
        if (!holds)
        {
            _wrongs.Add($"round {_round}: {wrong}");
        }
    }
}
