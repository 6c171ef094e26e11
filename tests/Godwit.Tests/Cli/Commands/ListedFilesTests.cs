using System.Text;
using System.Text.Json;
using Godwit.Cli;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Commands;

/// <summary><c>--files-from</c> with columns: where a file goes, and what its bytes are.</summary>
public sealed class ListedFilesTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_goes_where_its_line_says()
    {
        _folder.Put("a", "one");
        _folder.Put("d/b", "two");
        _folder.Put("c", "three");
        _folder.Put("not listed", "four");
        Answer answer = await WithAsync("copy", $"a\tnew/name\nd/b\tinto/\nc\t\tsha256:{Sha256("three")}\n", "--json");
        Assert.Equal(0, answer.Code);
        Assert.Equal(
            new Dictionary<string, string> { ["c"] = "three", ["into/b"] = "two", ["new/name"] = "one" }, CommandLineFolder.Tree(_folder.Destination));
        JsonElement[] delivered = [.. answer.Events.Where(one => one.GetProperty("event").GetString() == "file.delivered")];
        Assert.Equal(["c", "into/b from d/b", "new/name from a"], delivered.Select(Shown).Order(StringComparer.Ordinal));
        Assert.Equal("listed", delivered.First(one => Shown(one) == "c").GetProperty("source_proof").GetString());
    }

    [Theory]
    [InlineData("mtime")]
    [InlineData("size")]
    [InlineData("checksum")]
    [InlineData("exists")]
    [InlineData("ledger")]
    public async Task A_second_run_has_nothing_to_do(string compare)
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        string list = $"a\tx\tmd5:{Md5("one")}\nb\ty\n";
        Assert.Equal(0, (await WithAsync("copy", list, "--compare", compare)).Code);
        int opened = 0;
        _folder.Wiring = Watching(call => opened += call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange ? 1 : 0);
        Answer again = await WithAsync("copy", list, "--compare", compare);
        Assert.Equal(0, again.Code);
        Assert.Contains("0 of 0 files delivered", again.Output, StringComparison.Ordinal);
        Assert.Contains(compare == "exists" ? "2 there already and left as they are" : "2 unchanged", again.Output, StringComparison.Ordinal);
        Assert.True(compare == "checksum" || opened == 0, $"{opened} files were read again");
        _folder.Put("b", "longer");
        Assert.Equal(compare == "exists" ? 0 : 1, int.Parse((await WithAsync("copy", list, "--compare", compare)).Output.Split(' ')[2], null));
    }

    [Theory]
    [InlineData("a\tx\tmd5:{0}\n")]
    [InlineData("a\t\tmd5:{0}\n")]
    public async Task What_is_not_as_its_line_says_never_gets_its_name_and_comes_back_as_it_was_listed(string line)
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        var seen = new List<string>();
        _folder.Wiring = Watching(_ => seen.AddRange(CommandLineFolder.Tree(_folder.Destination).Keys));
        string wrong = string.Format(null, line, Md5("other"));
        Answer answer = await WithAsync("copy", wrong + "b\ty\n", "--failed", _folder.In("failed"), "--report", _folder.In("report"));
        Assert.Equal(6, answer.Code);
        Assert.Equal(["y"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.DoesNotContain(seen, name => name is "x" or "a");
        Assert.Contains($"What was read from the source, twice, is md5:{Md5("one")}, and the list says md5:{Md5("other")}. [integrity, source", answer.Error, StringComparison.Ordinal);
        Assert.Contains("see whether the file or the list is wrong", answer.Error, StringComparison.Ordinal);
        Assert.Equal(wrong, File.ReadAllText(_folder.In("failed")));
        JsonElement failed = Assert.Single(_folder.Json("report").GetProperty("failed").EnumerateArray());
        Assert.Equal(wrong.Contains('x', StringComparison.Ordinal) ? "x from a" : "a", Shown(failed));
        _folder.Put("a", "other");
        Assert.Equal(0, (await RunAsync("copy", "--files-from", _folder.In("failed"))).Code);
        Assert.Equal(["other", "two"], CommandLineFolder.Tree(_folder.Destination).Values.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task More_failures_than_are_shown_come_back_with_their_columns()
    {
        string list = string.Concat(Enumerable.Range(10, 40).Select(i => $"gone{i}\tto{i}\tmd5:{Md5("x")}\n"));
        Assert.Equal(6, (await WithAsync("copy", list, "--failed", _folder.In("failed"))).Code);
        Assert.Equal(list, File.ReadAllText(_folder.In("failed")));
        Assert.Equal(6, (await WithAsync("copy", list, "--failed", _folder.In("failed0"))).Code);
        Assert.Equal(list.Replace('\n', '\0'), File.ReadAllText(_folder.In("failed0")));
    }

    [Fact]
    public async Task What_stands_there_already_is_held_against_the_line_too()
    {
        _folder.Put("a", "one");
        Assert.Equal(0, (await WithAsync("copy", "a\tx\n")).Code);
        Answer wrong = await WithAsync("copy", $"a\tx\tsha256:{Sha256("other")}\n");
        Assert.Equal(6, wrong.Code);
        Assert.Contains("the list says sha256", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await WithAsync("copy", $"a\tx\tsha256:{Sha256("one")}\n")).Code);
        await _folder.RunAsync(["copy", _folder.Source, _folder.In("other"), "--checksum", "md5"]);
        Answer known = await _folder.RunAsync(["copy", _folder.Source, _folder.In("other"), "--files-from", List($"a\t\tmd5:{Md5("x")}\n")]);
        Assert.Equal(6, known.Code);
        Assert.Contains($"What was delivered before is md5:{Md5("one")}, and the list says", known.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_or_is_no_file_fails_alone()
    {
        _folder.Put("a", "one");
        _folder.Put("d/b", "two");
        Directory.CreateDirectory(Path.Combine(_folder.Destination, "taken"));
        Answer answer = await WithAsync("copy", "gone\tx\nd\ty\na\ttaken\nd/b\tz\n", "--failed", _folder.In("failed"));
        Assert.Equal(6, answer.Code);
        Assert.Contains("1 of 4 files delivered", answer.Output, StringComparison.Ordinal);
        Assert.Contains("FAILED gone (at DST: x): It was asked for by name and is not there. [not-found, source]", answer.Error, StringComparison.Ordinal);
        Assert.Contains("FAILED d (at DST: y): A list names files, and this is a directory", answer.Error, StringComparison.Ordinal);
        Assert.Contains("FAILED a (at DST: taken): DST has a directory \"taken\"", answer.Error, StringComparison.Ordinal);
        Assert.Equal("a\ttaken\nd\ty\ngone\tx\n", File.ReadAllText(_folder.In("failed")));
    }

    [Fact]
    public async Task What_failed_is_told_by_its_name_at_the_source_wherever_it_is_told()
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        const string name = "gone (at DST: x)";
        string log = _folder.In("log");
        Answer answer = await WithAsync("copy", "gone\tx\na\tz\nabsent\tabsent\n", "--report", _folder.In("report"), "--log-file", log);
        string id = answer.Output.Split("; id ")[1].Trim();
        Assert.Contains($"FAILED {name}: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains($"FAILED {name}: ", File.ReadAllText(log), StringComparison.Ordinal);
        Assert.Contains("FAILED absent: ", answer.Error, StringComparison.Ordinal);
        Answer past = await _folder.RunAsync(["show", id]);
        Assert.Contains($"FAILED {name}: ", past.Output, StringComparison.Ordinal);
        Assert.Contains("FAILED absent: ", past.Output, StringComparison.Ordinal);
        string[] both = ["absent", "x from gone"];
        Assert.Equal(both, _folder.Json("report").GetProperty("failed").EnumerateArray().Select(Shown).Order());
        using var report = JsonDocument.Parse((await _folder.RunAsync(["report", id])).Output);
        Assert.Equal(both, report.RootElement.GetProperty("failed").EnumerateArray().Select(Shown).Order());
        Assert.Contains(name, (await _folder.RunAsync(["report", id, "--html"])).Output, StringComparison.Ordinal);
        Answer events = await WithAsync("copy", "gone\tx\nabsent\tabsent\nb\ty\n", "--json");
        Assert.Equal(both, events.Events.Where(one => one.GetProperty("event").GetString() == "file.failed").Select(Shown).Order());
        Assert.Equal("y from b", Shown(Assert.Single(events.Events, one => one.GetProperty("event").GetString() == "file.started")));
        Answer single = await _folder.RunAsync(["copy", _folder.In("src/a"), _folder.In("dst/y/renamed")]);
        Assert.Contains("FAILED a (at DST: renamed): ", single.Error, StringComparison.Ordinal);
        Assert.Contains("FAILED a (at DST: renamed): ", (await _folder.RunAsync(["show", single.Output.Split("; id ")[1].Trim()])).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\tx\nb\tx\n", "line 1 and", "line 2 both give \"x\"")]
    [InlineData("a\tx\nb\tx/y\n", "line 1 makes", "line 2 needs")]
    [InlineData("a\t../x\n", "line 1", "..")]
    [InlineData("a\tx\tmd5:1\n", "line 1", "is no checksum")]
    public async Task A_list_that_cannot_be_carried_out_is_refused_whole(string list, string first, string second)
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        foreach (string verb in (string[])["copy", "move", "check"])
        {
            Answer answer = await WithAsync(verb, "b\tok\n" + list);
            Assert.Equal(2, answer.Code);
            Assert.Contains(first.Replace("1", "2", StringComparison.Ordinal), answer.Error, StringComparison.Ordinal);
            Assert.Contains(second.Replace("2", "3", StringComparison.Ordinal), answer.Error, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(_folder.Destination));
    }

    [Fact]
    public async Task Where_columns_make_no_sense_they_are_refused()
    {
        _folder.Put("a", "one");
        Assert.Contains("use copy or move", await RefusedAsync("sync"), StringComparison.Ordinal);
        Assert.Contains("--route server", await RefusedAsync("copy", "--route", "server"), StringComparison.Ordinal);
        Assert.Contains("--exclude-if-present", await RefusedAsync("copy", "--exclude-if-present", "x"), StringComparison.Ordinal);
        Answer ls = await WithoutStateAsync("ls", _folder.Source, "--files-from", List("a\tx\n"));
        Assert.Equal(2, ls.Code);
        Assert.Contains("more than one column", ls.Error, StringComparison.Ordinal);
        Answer single = await _folder.RunAsync(["copy", _folder.In("src/a"), _folder.Destination, "--files-from", List("a\tx\n")]);
        Assert.Contains("SRC is a single file", single.Error, StringComparison.Ordinal);

        async Task<string> RefusedAsync(string verb, params string[] options)
        {
            Answer answer = await WithAsync(verb, $"a\tx\tmd5:{Md5("one")}\n", options);
            Assert.Equal(2, answer.Code);
            return answer.Error;
        }
    }

    [Fact]
    public async Task A_plan_keeps_the_names_and_the_checksums()
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        Answer shown = await WithAsync("copy", $"a\tx\tmd5:{Md5("one")}\nb\ty\tmd5:{Md5("other")}\n", "--dry-run", "--plan", _folder.In("plan"));
        Assert.Contains("would copy x (new, from a)", shown.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
        Answer done = await RunAsync("copy", "--plan", _folder.In("plan"));
        Assert.Equal(6, done.Code);
        Assert.Equal(["x"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Contains("the list says", done.Error, StringComparison.Ordinal);
        Answer again = await WithAsync("copy", "b\ty\n", "--plan", _folder.In("plan"));
        Assert.Contains("Leave out the filters", again.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("large-first")]
    [InlineData("name")]
    public async Task A_move_deletes_what_arrived_as_listed_and_nothing_else(string order)
    {
        _folder.Put("d/a", "one");
        _folder.Put("b", "two");
        _folder.Put("there", "three");
        Assert.Equal(0, (await WithAsync("copy", "there\tz\n")).Code);
        Answer answer = await WithAsync("move", $"d/a\tx\tmd5:{Md5("one")}\nb\ty\tmd5:{Md5("other")}\nthere\tz\tmd5:{Md5("other")}\n", "--order", order);
        Assert.Equal(6, answer.Code);
        Assert.Equal(["b", "there"], CommandLineFolder.Tree(_folder.Source).Keys);
        Assert.Equal(["x", "z"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Answer twice = await WithAsync("move", "b\ty\nb\tw\n");
        Assert.Equal(2, twice.Code);
        Assert.Contains("Use copy", twice.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_compares_what_is_listed_under_its_names()
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        string list = $"a\tx\tmd5:{Md5("one")}\nb\ty\n";
        Assert.Equal(0, (await WithAsync("copy", list)).Code);
        Assert.Equal(0, (await WithAsync("check", list)).Code);
        Assert.Equal(1, (await WithAsync("check", $"a\tx\tmd5:{Md5("other")}\n")).Code);
        File.WriteAllText(Path.Combine(_folder.Destination, "x"), "eno");
        File.SetLastWriteTimeUtc(Path.Combine(_folder.Destination, "x"), File.GetLastWriteTimeUtc(_folder.In("src/a")));
        Assert.Equal(1, (await WithAsync("check", list)).Code);
        Assert.Equal(1, (await WithAsync("check", "b\tz\n")).Code);
        Assert.Equal(6, (await WithAsync("check", "c\tz\n")).Code);
    }

    private Wiring Watching(Action<StoreCall> see) => _folder.Wiring with
    {
        DressStore = (store, _) => new LayeredStore(store, new AtEachCall((call, moment, _) =>
        {
            if (moment == CallMoment.Before)
            {
                lock (_folder)
                {
                    see(call);
                }
            }

            return ValueTask.CompletedTask;
        })),
    };

    private string List(string text)
    {
        string file = _folder.In($"list-{Guid.NewGuid():N}");
        File.WriteAllText(file, text);
        return file;
    }

    private Task<Answer> WithAsync(string verb, string list, params string[] options) => RunAsync(verb, ["--files-from", List(list), .. options]);

    private Task<Answer> RunAsync(string verb, params string[] options) =>
        verb == "check" ? WithoutStateAsync(["check", _folder.Source, _folder.Destination, .. options]) : _folder.RunAsync([verb, _folder.Source, _folder.Destination, .. options]);

    private async Task<Answer> WithoutStateAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Wiring wiring = _folder.Wiring with { OpenOutput = () => new MemoryStream() };
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)args, wiring, output, error, default);
        return new Answer(code, output.ToString(), error.ToString());
    }

    private static string Shown(JsonElement json) => json.GetProperty("path").GetString()
        + (json.TryGetProperty("source_path", out JsonElement source) ? $" from {source.GetString()}" : "");

    private static string Sha256(string text) => HexOf(ChecksumKind.Sha256, text);

    private static string Md5(string text) => HexOf(ChecksumKind.Md5, text);

    private static string HexOf(ChecksumKind kind, string text)
    {
        using var running = RunningChecksum.Start(kind);
        running.Append(Encoding.UTF8.GetBytes(text));
        return running.Finish().Hex;
    }
}
