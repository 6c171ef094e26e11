using FsCheck;
using FsCheck.Fluent;
using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Tests.Transfers.Plan.Filters;

public sealed class FilterPruningTests
{
    private static readonly Gen<string> Pattern = Gen.Elements(
            "a", "b", "c.x", "?", "*", "**", "*", "[ab]", "[!a]", "{a,b}", "{a,b/a}", "{a**,c}", "{{a.*}}", "{{b$}}", @"{{\Ba}}", @"\d", "/", "/", "/")
        .ArrayOf(5).Select(parts => string.Concat(parts).Replace("***", "**", StringComparison.Ordinal).Replace("//", "/", StringComparison.Ordinal))
        .Where(Parses);

    private static readonly Gen<string> Name = Gen.Elements("a", "b", "ab", "A", "c.x", "1", "é", "a b");

    private static readonly Gen<string> FilePath = Gen.Choose(1, 5).SelectMany(depth => Name.ArrayOf(depth)).Select(names => string.Join('/', names));

    private static readonly Gen<FilterOptions> Options =
        from rules in (from sign in Gen.Elements("+ ", "- ") from pattern in Pattern select sign + pattern).ArrayOf(3)
        from include in Pattern.ArrayOf(1)
        from exclude in Pattern.ArrayOf(1)
        from shape in Gen.Choose(0, 15)
        from depth in Gen.Choose(1, 6)
        from listed in FilePath.ArrayOf(6)
        select new FilterOptions
        {
            Filter = rules[..(shape % 4)],
            Include = (shape & 4) != 0 ? include : [],
            Exclude = (shape & 8) != 0 ? exclude : [],
            IgnoreCase = shape == 3,
            MaxDepth = depth < 5 && shape % 3 == 0 ? depth : null,
            Files = shape == 5 ? new FileSet(listed.Select(StorePath.FromText)) : null,
        };

    [Fact]
    public void A_walk_that_skips_directories_takes_exactly_the_files_of_one_that_does_not()
    {
        long skipped = 0;
        Arbitrary<(FilterOptions Options, string[] Paths)> trials =
            (from options in Options from paths in FilePath.ArrayOf(25) select (options, paths)).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500), Prop.ForAll(trials, trial =>
        {
            EntryFilter filter = trial.Options.Build(new FakeTime()).Filter;
            string[] all = [.. trial.Paths.Where(path => filter.Includes(Entry(path, EntryKind.File)))];
            string[] reached = [.. trial.Paths.Where(path => Directories(path).All(directory => filter.Descends(Entry(directory, EntryKind.Directory))))];
            Interlocked.Add(ref skipped, trial.Paths.Length - reached.Length);
            Assert.Equal(all, reached.Where(path => filter.Includes(Entry(path, EntryKind.File))));
        }));
        Assert.True(skipped > 1000, $"only {skipped} paths were skipped: this walk proves nothing");
    }

    [Theory]
    [InlineData("- /a/**", "a", false)]
    [InlineData("- a/", "x/a", false)]
    [InlineData("- /a/**", "b", true)]
    [InlineData("- *", "a", false)]
    [InlineData("+ /a/b*/c|- **", "a", true)]
    [InlineData("+ /a/b*/c|- **", "a/bb", true)]
    [InlineData("+ /a/b*/c|- **", "a/c", false)]
    [InlineData("+ /a/b*/c|- **", "a/b/c", false)]
    [InlineData("+ /a/**|- **", "a/b/c", true)]
    [InlineData("+ /a/**|- **", "b", false)]
    [InlineData("+ *.jpg|- **", "b", true)]
    [InlineData("- {{a/.*}}", "a", true)]
    public void Directories_in_which_nothing_can_be_taken_are_not_listed(string rules, string directory, bool listed)
    {
        EntryFilter filter = new FilterOptions { Filter = rules.Split('|') }.Build(new FakeTime()).Filter;
        Assert.Equal(listed, filter.Descends(Entry(directory, EntryKind.Directory)));
    }

    private static bool Parses(string pattern)
    {
        try
        {
            return GlobPattern.Parse(pattern).Text.Length > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Directories(string path)
    {
        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }

    private static StoreEntry Entry(string path, EntryKind kind) => new() { Path = StorePath.FromText(path), Kind = kind };
}
