using System.Text;
using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Filters;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Tests.Transfers.Plan.Filters;

public sealed class FilterLanguageTests
{
    /// <summary>rclone's documented examples, and the corners of each construct.</summary>
    [Theory]
    [InlineData("file.jpg", "file.jpg|directory/file.jpg", "afile.jpg|directory/afile.jpg|file.jpg/x")]
    [InlineData("/file.jpg", "file.jpg", "afile.jpg|directory/file.jpg")]
    [InlineData("*.jpg", "file.jpg|dir/file.jpg|.jpg", "file.png|dir/file.png|x.jpg/y")]
    [InlineData("/*.jpg", "file.jpg|file2.jpg", "file.png|dir/file.jpg")]
    [InlineData("*.{jpg,png}", "file.jpg|dir/file.png", "file.gif|dir/file.gif")]
    [InlineData("dir/**", "dir/anyfile|subdir/dir/subsubdir/anyfile", "file.png|subdir/file.png|xdir/file")]
    [InlineData("*.t?t", "file.txt|dir/file.tzt", "file.qxt|dir/file.png|a.t/t")]
    [InlineData("*.[a-z]", "file.a|dir/file.b", "file.0|dir/file.1|file.A")]
    [InlineData(@"*.\?\?\?", "file.???|dir/file.???", "file.abc|dir/file.def")]
    [InlineData(@"*.\d\d\d", "file.012|dir/file.345", "file.abc|dir/file.def")]
    [InlineData("*.{{jpe?g}}", "file.jpeg|dir/file.jpg", "file.png|dir/file.jpeeg")]
    [InlineData(@"/{{.*\.jpe?g}}", "file.jpeg|file.jpg", "file.png")]
    [InlineData("*.{{(?i)jpg}}", "file.jpg|file.JPG", "file.png|FILE.GIF")]
    [InlineData("{{start[^/]*end\\.jpg}}", "start-end.jpg|d/start1end.jpg", "start/end.jpg")]
    [InlineData("{{a{2}}}", "aa|d/aa", "a|aaa")]
    [InlineData("dir/", "dir/a|x/dir/a/b", "dir|xdir/a")]
    [InlineData("/a/*/c", "a/b/c", "a/c|a/b/b/c|x/a/b/c")]
    [InlineData("/a/**/c", "a/b/c|a/b/b/c", "a/c")]
    [InlineData("a**c", "ac|a/b/c|x/abc", "a/b/d")]
    [InlineData("{a,b{c,d}}.x", "a.x|bc.x|bd.x", "b.x|ac.x")]
    [InlineData("{a/b,c}", "a/b|c|x/a/b", "a|b")]
    [InlineData("a,b", "a,b", "a|b")]
    [InlineData("[!a-c]", "d|x/é", "a|b|dd")]
    [InlineData("[^a]b", "cb", "ab|x/ab")]
    [InlineData("x[^y]z", "xaz", "x/z|xyz")]
    [InlineData(@"[\]a]", "]|a", "b")]
    [InlineData("[[:digit:]x]", "3|x", "y|:")]
    [InlineData(@"[\w.]", "a|_", "-|é")]
    [InlineData(@"\*\[\{\\", @"*[{\", "a[{")]
    [InlineData("?", "a|é|😀", "ab|éé")]
    [InlineData("??", "ab|é😀", "😀|é|abc")]
    [InlineData("*?", "😀|a", "")]
    [InlineData("[à-ü]x", "éx", "ax")]
    [InlineData(@"\x61b", "ab", @"\x61b|x61b")]
    [InlineData(@"\xc3\xa9", "é", "e")]
    [InlineData(@"\x2a", "*", "a")]
    [InlineData("a b", "a b", "a")]
    [InlineData("**", "a|b/c", "")]
    [InlineData("/", "a|b/c", "")]
    public void A_pattern_means_what_rclone_documents(string pattern, string matched, string other)
    {
        var glob = GlobPattern.Parse(pattern);
        foreach (string path in matched.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.True(glob.Matches(StorePath.FromText(path)), $"{pattern} does not match {path}");
        }

        foreach (string path in other.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.False(glob.Matches(StorePath.FromText(path)), $"{pattern} matches {path}");
        }
    }

    [Fact]
    public void Characters_that_mean_something_elsewhere_stand_for_themselves() =>
        Assert.True(GlobPattern.Parse("(a)+$^|.-#").Matches(StorePath.FromText("(a)+$^|.-#")));

    [Fact]
    public void Names_that_are_not_UTF_8_are_matched_byte_by_byte()
    {
        var name = StorePath.FromBytes([(byte)'a', 0xff, 0xfe]);
        Assert.True(GlobPattern.Parse("a??").Matches(name));
        Assert.False(GlobPattern.Parse("a?").Matches(name));
        Assert.True(GlobPattern.Parse("a*").Matches(name));
        Assert.True(GlobPattern.Parse(@"a\xff\xfe").Matches(name));
        Assert.False(GlobPattern.Parse(@"a\xff\xff").Matches(name));
        Assert.True(GlobPattern.Parse(@"a[\xfe-\xff][!a]").Matches(name));
        Assert.True(GlobPattern.Parse("a*").Matches(StorePath.FromBytes("a\nb"u8)));
    }

    [Fact]
    public void Case_is_ignored_only_when_asked()
    {
        Assert.False(GlobPattern.Parse("potato").Matches(StorePath.FromText("POTATO")));
        Assert.True(GlobPattern.Parse("pot[a-b]tÖ", ignoreCase: true).Matches(StorePath.FromText("POTATö")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a***b")]
    [InlineData("[a")]
    [InlineData("a]")]
    [InlineData("{a")]
    [InlineData("a}")]
    [InlineData("{{a")]
    [InlineData("{{(}}")]
    [InlineData("{{(a)\\1}}")]
    [InlineData("a//b")]
    [InlineData("a\\")]
    [InlineData("\\q")]
    [InlineData("[z-a]")]
    [InlineData("[[:nothing:]]")]
    public void A_pattern_that_cannot_be_meant_is_refused(string pattern) =>
        Assert.Throws<FormatException>(() => GlobPattern.Parse(pattern));

    [Theory]
    [InlineData("- secret*.jpg|+ *.jpg|+ *.png|+ file2.avi|- *", "file1.jpg|d/file3.png|file2.avi", "secret17.jpg|other")]
    [InlineData("- secret*.jpg|+ *.jpg|- /dir/tmp/**|- /dir/Trash/**|+ /dir/**|- *", "dir/a/b|x/y.jpg|dir/tmp/z.jpg", "dir/tmp/a|dir/Trash/b/c|q")]
    [InlineData("+ *.jpg|+ *.gif|!|+ 42.doc|- *", "42.doc", "a.jpg|a.gif")]
    [InlineData("- /dir1/|- /dir2/|+ *.pdf|- **", "a.pdf|d/a.pdf", "dir1/a.pdf|dir2/x/a.pdf|a.txt")]
    [InlineData("- *.bak", "a|b.txt", "a.bak|d/a.bak")]
    public void The_first_rule_that_means_a_file_decides(string rules, string taken, string left)
    {
        EntryFilter filter = Built(new FilterOptions { Filter = rules.Split('|') });
        Assert.All(taken.Split('|'), path => Assert.True(filter.Includes(File(path)), path));
        Assert.All(left.Split('|'), path => Assert.False(filter.Includes(File(path)), path));
    }

    [Fact]
    public void With_an_include_everything_else_is_left_out_and_includes_come_first()
    {
        EntryFilter filter = Built(new FilterOptions { Include = ["*.dat"], Exclude = ["*.dat", "*.tmp"], Filter = ["+ *.log"] });
        Assert.True(filter.Includes(File("a.dat")));
        Assert.True(filter.Includes(File("d/a.log")));
        Assert.False(filter.Includes(File("a.tmp")));
        Assert.False(filter.Includes(File("a.txt")));
    }

    [Fact]
    public void Without_options_the_filter_is_the_one_that_takes_everything() =>
        Assert.Same(EntryFilter.All, Built(new FilterOptions()));

    [Fact]
    public void All_faults_are_said_at_once_with_option_and_value()
    {
        FilterSelection selection = new FilterOptions
        {
            Include = ["[a"],
            Filter = ["* x", "- b}"],
            MinSize = "12KB",
            MaxAge = "2026-01-01T00:00:00",
            MinAge = "soon",
            MaxDepth = 0,
        }.Build(new FakeTime());
        string all = string.Join('\n', selection.Faults);
        Assert.Equal(7, selection.Faults.Count);
        Assert.All(["--include \"[a\"", "--filter \"* x\"", "--filter \"- b}\"", "--min-size \"12KB\"", "--max-age \"2026-01-01T00:00:00\"", "--min-age \"soon\"", "--max-depth"],
            part => Assert.Contains(part, all, StringComparison.Ordinal));
        Assert.Contains("zone", all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("100", 100)]
    [InlineData("100B", 100)]
    [InlineData("50k", 50 * 1024)]
    [InlineData("1.5KiB", 1536)]
    [InlineData("1G", 1L << 30)]
    public void Sizes_are_read_as_documented(string text, long bytes) => Assert.Equal(bytes, FilterAmounts.Bytes(text));

    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("1d12h", 129_600)]
    [InlineData("2w", 1_209_600)]
    [InlineData("1.5m", 90)]
    [InlineData("1M", 2_592_000)]
    [InlineData("500ms", 0.5)]
    public void Ages_count_back_from_now(string text, double seconds)
    {
        DateTimeOffset now = new FakeTime().GetUtcNow();
        Assert.Equal(Timestamp.From(now).Nanoseconds - (long)(seconds * 1e9), FilterAmounts.Moment(text, now).Nanoseconds);
    }

    [Fact]
    public void A_moment_with_its_zone_is_that_moment()
    {
        Timestamp utc = FilterAmounts.Moment("2026-03-01T00:00:00Z", default);
        Assert.Equal("2026-03-01T00:00:00.000000000Z", utc.ToString());
        Assert.Equal(utc, FilterAmounts.Moment("2026-03-01T01:00:00+01:00", default));
    }

    [Fact]
    public void Size_age_and_depth_have_edges_that_belong_to_them()
    {
        var time = new FakeTime();
        var old = Timestamp.From(time.GetUtcNow().AddHours(-1));
        EntryFilter filter = Built(new FilterOptions { MinSize = "10", MaxSize = "20", MinAge = "1h", MaxAge = "1h", MaxDepth = 2 }, time);
        Assert.True(filter.Includes(File("a/b") with { Length = 10, Modified = old }));
        Assert.True(filter.Includes(File("a") with { Length = 20, Modified = null }));
        Assert.False(filter.Includes(File("a") with { Length = 9, Modified = old }));
        Assert.False(filter.Includes(File("a") with { Length = 21, Modified = old }));
        Assert.False(filter.Includes(File("a/b/c") with { Length = 10, Modified = old }));
        Assert.False(filter.Includes(File("a") with { Length = 10, Modified = new Timestamp(old.Nanoseconds + 1) }));
        Assert.False(filter.Includes(File("a") with { Length = 10, Modified = new Timestamp(old.Nanoseconds - 1) }));
    }

    [Fact]
    public async Task A_list_of_paths_comes_back_as_it_was_written()
    {
        byte[][] names = ["plain"u8.ToArray(), "#not a comment"u8.ToArray(), ";nor this"u8.ToArray(), "new\nline"u8.ToArray(), "cr\r"u8.ToArray(),
            @"\back"u8.ToArray(), @"a\nb"u8.ToArray(), " spaces "u8.ToArray(), "tab\there"u8.ToArray(), "\t"u8.ToArray(), [0xff, 0xfe], "d/é"u8.ToArray()];
        StorePath[] paths = [.. names.Select(name => StorePath.FromBytes(name))];
        byte[] lines = [.. paths.SelectMany(path => (byte[])[.. PathList.Line(path), (byte)'\n'])];
        Assert.Equal(paths, (await PathList.ReadLinesAsync(new MemoryStream(lines), default)).Select(file => file.Source));
        byte[] nuls = [.. paths.SelectMany(path => (byte[])[.. PathList.Item(new ListedFile(path, path))!, 0])];
        Assert.Equal(paths, (await PathList.ReadNulAsync(new MemoryStream(nuls), default)).Select(file => file.Source));
    }

    [Fact]
    public async Task A_list_has_comments_and_leading_slashes_and_may_not_lead_outside()
    {
        var list = new MemoryStream("# comment\n; another\n\n/a/b\r\n./c\n\\foo"u8.ToArray());
        Assert.Equal(["a/b", "c", "\\foo"], (await PathList.ReadLinesAsync(list, default)).Select(file => Encoding.UTF8.GetString(file.Source.Bytes)));
        FormatException fault = await Assert.ThrowsAsync<FormatException>(
            () => PathList.ReadLinesAsync(new MemoryStream("a\n../b\n"u8.ToArray()), default));
        Assert.Contains("line 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Listed_files_that_were_not_met_are_known()
    {
        var files = new FileSet([StorePath.FromText("a/b"), StorePath.FromText("a b"), StorePath.FromText("c")]);
        EntryFilter filter = Built(new FilterOptions { Files = files });
        Assert.True(filter.Includes(File("a/b")));
        Assert.False(filter.Includes(File("a")));
        Assert.True(filter.Descends(File("a")));
        Assert.False(filter.Descends(File("b")));
        Assert.Equal(["a b", "c"], files.NotMet.Select(path => path.ToString()));
        Assert.True(filter.Descends(File("c")));
        Assert.True(filter.Includes(File("c/d/e")));
        Assert.False(filter.Covers(File("c/d/e")));
        Assert.Equal(["a b"], files.NotMet.Select(path => path.ToString()));
    }

    private static StoreEntry File(string path) => new() { Path = StorePath.FromText(path), Kind = EntryKind.File };

    private static EntryFilter Built(FilterOptions options, TimeProvider? time = null)
    {
        FilterSelection selection = options.Build(time ?? new FakeTime());
        Assert.Empty(selection.Faults);
        return selection.Filter;
    }
}
