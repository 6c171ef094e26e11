using System.Text;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.HostileTrees;

/// <summary>Runs every case of the table through the command line, twice, and holds all that can be seen against the expectation.</summary>
public sealed class HostileTreesTests : IDisposable
{
    private readonly Ground _ground = new();

    public static TheoryData<string> Names() => [.. HostileTable.Groups.SelectMany(group => group.Trees).Select(tree => tree.Name)];

    public void Dispose() => _ground.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Has_the_outcome_of_its_row(string name)
    {
        HostileTree tree = HostileTable.Groups.SelectMany(group => group.Trees).Single(tree => tree.Name == name);
        tree.Make(_ground);
        if (!tree.KeepsTimes)
        {
            _ground.LetAnHourPass();
        }

        SortedDictionary<string, string> source = RawFiles.Tree(_ground.Source);
        SortedDictionary<string, string> outside = RawFiles.Tree(_ground.Outside);
        SortedDictionary<string, string> destination = RawFiles.Tree(DestinationOf(tree));
        RunSeen first = await RunAsync(tree, tree.Meanwhile);
        if (tree.Meanwhile is null)
        {
            Assert.Equal(source, RawFiles.Tree(_ground.Source));
        }

        Assert.Equal(outside, RawFiles.Tree(_ground.Outside));
        if (tree.Refused is not null)
        {
            Assert.Equal(tree.Code, first.Answer.Code);
            Assert.Contains(tree.Refused, first.Answer.Error, StringComparison.Ordinal);
            Assert.Equal(destination, RawFiles.Tree(DestinationOf(tree)));
            return;
        }

        string[] delivered = CheckOutcomes(tree, first);
        Assert.Equal(Expected(tree, destination, delivered), RawFiles.Tree(DestinationOf(tree)));
        if (tree.Also is { } also)
        {
            await also(_ground);
        }

        await RunAgainAsync(tree, first);
        Assert.Equal(outside, RawFiles.Tree(_ground.Outside));
    }

    [Fact]
    public void The_page_of_the_table_is_what_the_cases_say()
    {
        string file = Path.Combine(RepositoryRoot(), "docs", "hostile-trees.md");
        string page = HostileTable.Page();
        if (Environment.GetEnvironmentVariable("GODWIT_ACCEPT_PAGES") == "1")
        {
            File.WriteAllText(file, page);
        }

        string there = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(page == there, $"{file} differs from the cases. To accept what they say now, run this test with GODWIT_ACCEPT_PAGES=1.");
    }

    [Fact]
    public void No_two_cases_have_one_name() => Assert.Distinct(HostileTable.Groups.SelectMany(group => group.Trees).Select(tree => tree.Name));

    private async Task RunAgainAsync(HostileTree tree, RunSeen first)
    {
        SortedDictionary<string, string> afterFirst = RawFiles.Tree(DestinationOf(tree));
        tree.Repair?.Do(_ground);
        RunSeen second = await RunAsync(tree, null);
        CheckAgain(tree, first, second);
        if (tree.Again != Again.Finishes)
        {
            Assert.Equal(afterFirst, RawFiles.Tree(DestinationOf(tree)));
        }
    }

    private string[] CheckOutcomes(HostileTree tree, RunSeen seen)
    {
        string[] delivered = [.. DeliveredOf(tree).Order(StringComparer.Ordinal)];
        Assert.Equal(FailedOf(tree), seen.Failed);
        Assert.Equal(delivered, seen.Delivered);
        Assert.Equal(Keys(tree.Outcomes.Where(outcome => outcome.Kind == "link made")), seen.LinksMade);
        Assert.Equal(seen.Failed, seen.FailedInReport);
        Assert.Equal(tree.Code, seen.Answer.Code);
        Assert.Equal(
            (tree.LinksSkipped, tree.SpecialSkipped, tree.NotAttempted),
            (seen.Total("skipped_links"), seen.Total("skipped_special"), seen.Total("not_attempted")));
        Assert.Equal(seen.Total("planned"), seen.Total("delivered") + seen.Total("failed") + seen.Total("not_attempted"));
        Assert.Equal(tree.Code, seen.Report!.Value.GetProperty("exit_code").GetInt32());
        return delivered;
    }

    private void CheckAgain(HostileTree tree, RunSeen first, RunSeen second)
    {
        Assert.Equal(tree.Again == Again.TheSame ? first.Failed : [], second.Failed);
        Assert.Equal(tree.Again == Again.TheSame ? tree.Code : 0, second.Answer.Code);
        if (tree.Again != Again.Finishes)
        {
            Assert.Empty(second.Delivered);
            Assert.Empty(second.LinksMade);
        }

        if (tree.Again == Again.NothingToDo)
        {
            Assert.Equal((0, tree.LinksSkipped + tree.SkippedAgain), (second.Total("planned"), second.Total("skipped_links")));
        }

        SortedDictionary<string, string> there = RawFiles.Tree(DestinationOf(tree));
        if (tree.Again == Again.Finishes)
        {
            Assert.Superset(Files(RawFiles.Tree(_ground.Source)), Files(there));
        }

        // No partial file but those that the case brought along.
        HashSet<string> brought = [.. first.Delivered, .. RawFiles.Tree(_ground.Source).Keys, ".name.abcdefghijkmn.godwit-part"];
        Assert.DoesNotContain(there.Keys, path => path.EndsWith(".godwit-part", StringComparison.Ordinal) && !brought.Contains(path));
    }

    /// <summary>The destination as it has to be: as it was, with what was delivered from the source as it is now.</summary>
    private SortedDictionary<string, string> Expected(HostileTree tree, SortedDictionary<string, string> before, string[] delivered)
    {
        var expected = new SortedDictionary<string, string>(before, StringComparer.Ordinal);
        SortedDictionary<string, string> source = RawFiles.Tree(_ground.Source);
        foreach (string directory in source.Where(entry => entry.Value == "directory").Select(entry => entry.Key).Except(tree.KeepsDirectories.Select(Key)))
        {
            expected[directory] = "directory";
        }

        foreach (string path in delivered)
        {
            string? other = tree.Outcomes.FirstOrDefault(outcome => Key(outcome.Path) == path)?.Content;
            expected[path] = other is null ? source[path] : "file " + RawFiles.DescribeContent(Encoding.UTF8.GetBytes(other));
            for (int slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
            {
                expected[path[..slash]] = "directory";
            }
        }

        foreach (string link in Keys(tree.Outcomes.Where(outcome => outcome.Kind == "link made")))
        {
            expected[link] = source[link];
        }

        foreach ((string path, string content) in tree.Strangers)
        {
            expected[Key(path)] = "file " + RawFiles.DescribeContent(Encoding.UTF8.GetBytes(content));
        }

        return expected;
    }

    private IEnumerable<string> DeliveredOf(HostileTree tree)
    {
        string[] named = [.. Keys(tree.Outcomes)];
        IEnumerable<string> others = tree.AllArrive ? Files(RawFiles.Tree(_ground.Source)).Select(file => file.Path).Except(named) : [];
        return others.Concat(Keys(tree.Outcomes.Where(outcome => outcome.Kind == "delivered")));
    }

    private Task<RunSeen> RunAsync(HostileTree tree, Meanwhile? meanwhile)
    {
        int times = 0;
        string[] options = tree.Options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (string from, string to) = (Path.Combine(_ground.Root, tree.Ends.From), Path.Combine(_ground.Root, tree.Ends.To));
        return _ground.RunAsync(["copy", from, to, .. options], (store, side) =>
        {
            IStore dressed = side == tree.AsUser ? new LayeredStore(store, new AsOrdinaryUser()) : store;
            return side == meanwhile?.Side ? new LayeredStore(dressed, new AtEachCall(Hook)) : dressed;
        });

        ValueTask Hook(StoreCall call, CallMoment moment, long number)
        {
            bool now = call.Verb == meanwhile!.Verb && moment == meanwhile.Moment;
            if (now && (++times == meanwhile.Time || meanwhile.Time == 0))
            {
                meanwhile.Do(_ground);
            }

            return ValueTask.CompletedTask;
        }
    }

    private string DestinationOf(HostileTree tree) => Path.Combine(_ground.Root, tree.Refused is null ? tree.Ends.To : "dst");

    private static string[] FailedOf(HostileTree tree) =>
    [
        .. tree.Outcomes.Where(outcome => outcome.HasFailed)
            .Select(outcome => $"{Key(outcome.Path)}: {outcome.Kind}, {Outcome.Word(outcome.Side)}").Order(StringComparer.Ordinal),
    ];

    private static string[] Keys(IEnumerable<Outcome> outcomes) => [.. outcomes.Select(outcome => Key(outcome.Path)).Order(StringComparer.Ordinal)];

    private static string Key(string path) => PathText.Escape(PathText.Unescape(path));

    private static HashSet<(string Path, string Content)> Files(SortedDictionary<string, string> tree) =>
        [.. tree.Where(entry => entry.Value.StartsWith("file", StringComparison.Ordinal)).Select(entry => (entry.Key, entry.Value))];

    private static string RepositoryRoot()
    {
        string directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Godwit.slnx")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("Godwit.slnx is not above the tests.");
        }

        return directory;
    }
}
