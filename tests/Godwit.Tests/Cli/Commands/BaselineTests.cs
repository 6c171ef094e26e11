using System.Text.Json;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Commands;

/// <summary><c>godwit baseline</c> and <c>godwit resend</c>: what a person says of files that the ledger cannot know.</summary>
public sealed class BaselineTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mtime")]
    [InlineData("size")]
    [InlineData("checksum")]
    [InlineData("exists")]
    [InlineData("ledger")]
    [InlineData("always")]
    public async Task What_is_there_at_the_baseline_is_left_out_and_what_comes_later_is_not(string compare)
    {
        _folder.Put("a", "one");
        _folder.Put("d/b", "two");
        _folder.Put("changes", "three");
        Answer marked = await RunAsync("baseline");
        Assert.Equal((0, "baseline: 3 files (11 B) count as delivered; DST was not looked at\n"), (marked.Code, marked.Output));
        _folder.Put("changes", "longer than before");
        _folder.Put("new", "four");
        File.SetLastWriteTimeUtc(_folder.In("src/new"), new DateTime(1999, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        for (int run = 0; run < 2; run++)
        {
            Answer answer = await RunAsync("copy", "--compare", compare, "--report", _folder.In("report"));
            Assert.Equal(0, answer.Code);
            Assert.Contains("; 2 before the baseline;", answer.Output, StringComparison.Ordinal);
            Assert.Equal(2, _folder.Json("report").GetProperty("totals").GetProperty("before_baseline").GetInt64());
            Assert.Equal(["changes", "new"], CommandLineFolder.Tree(_folder.Destination).Keys);
        }

        Assert.Contains("2 before the baseline", (await _folder.RunAsync(["copy", _folder.Source, _folder.Destination, "--dry-run"])).Output, StringComparison.Ordinal);
        Assert.Contains("1 before the baseline", (await _folder.RunAsync(["copy", _folder.In("src/a"), _folder.Destination + "/"])).Output, StringComparison.Ordinal);
        File.WriteAllText(_folder.In("list"), "d/b\td/b\na\tother\n");
        Answer listed = await RunAsync("copy", "--files-from", _folder.In("list"));
        Assert.Contains("1 of 1 file delivered", listed.Output, StringComparison.Ordinal);
        Assert.Contains("1 before the baseline", listed.Output, StringComparison.Ordinal);
        Answer elsewhere = await _folder.RunAsync(["copy", _folder.Source, _folder.In("elsewhere")]);
        Assert.Contains("4 of 4 files delivered", elsewhere.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_of_a_part_of_the_tree_knows_the_same_baseline()
    {
        _folder.Put("d/b", "two");
        await RunAsync("baseline");
        Answer answer = await _folder.RunAsync(["copy", _folder.In("src/d"), _folder.In("dst/d")]);
        Assert.Contains("1 before the baseline", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_are_moments_with_a_zone_to_the_last_digit()
    {
        DateTime moment = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        foreach ((string name, int ticks) in (IEnumerable<(string, int)>)[("before", 1_234_566), ("at", 1_234_567), ("after", 1_234_568)])
        {
            _folder.Put(name, "x");
            File.SetLastWriteTimeUtc(_folder.In("src/" + name), moment.AddTicks(ticks));
        }

        Assert.Equal((1, 2), await CountsAsync("--before", "2026-03-01T12:00:00.1234567Z"));
        Assert.Equal((1, 2), await CountsAsync("--before", "2026-03-01T13:30:00.123456700+01:30"));
        Assert.Equal((2, 1), await CountsAsync("--before", "2026-03-01T12:00:00.123456701Z"));
        Assert.Equal((2, 1), await CountsAsync("--since", "2026-03-01T12:00:00.1234567Z"));
        Assert.Equal((1, 2), await CountsAsync("--since", "2026-03-01T12:00:00.1234567Z", "--before", "2026-03-01T12:00:00.1234568Z"));
        Assert.Equal((0, 3), await CountsAsync("--before", "2026-03-01T12:00:00Z"));
        Assert.Equal((3, 0), await CountsAsync("--before", "0s"));

        async Task<(long, long)> CountsAsync(params string[] options)
        {
            JsonElement json = JsonDocument.Parse((await RunAsync("baseline", [.. options, "--dry-run", "--json"])).Output).RootElement;
            return (json.GetProperty("marked").GetInt64(), json.GetProperty("out_of_bounds").GetInt64());
        }
    }

    [Theory]
    [InlineData("2026-03-01")]
    [InlineData("2026-03-01T12:00:00")]
    [InlineData("2026-03-01 12:00:00.5")]
    [InlineData("2026-03-01T12:00:00.1234567891Z")]
    [InlineData("yesterday")]
    public async Task A_time_without_its_zone_is_refused_with_what_to_write(string time)
    {
        foreach (string verb in (string[])["baseline", "resend"])
        {
            foreach (string option in (string[])["--since", "--before"])
            {
                Answer answer = await RunAsync(verb, option, time);
                Assert.Equal(2, answer.Code);
                Assert.Contains($"{option} is \"{time}\": this is not a", answer.Error, StringComparison.Ordinal);
                Assert.Contains("2026-03-01T00:00:00Z", answer.Error, StringComparison.Ordinal);
            }
        }

        Assert.Contains("nothing can be meant", (await RunAsync("resend", "--since", "1h", "--before", "2h")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_means_what_is_at_or_below_it_and_nothing_beside()
    {
        foreach (string name in (string[])["d/a", "d/e/b", "d-x/c", "d.txt", "z"])
        {
            _folder.Put(name, "x");
        }

        Assert.Contains("2 files", (await RunAsync("baseline", "--path", "d/")).Output, StringComparison.Ordinal);
        await RunAsync("copy");
        Assert.Equal(["d-x/c", "d.txt", "z"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Contains("1 file will be sent by the next copy: 0 delivered, 1 of a baseline", (await RunAsync("resend", "--path", "./d/e")).Output, StringComparison.Ordinal);
        await RunAsync("copy");
        Assert.Equal(["d-x/c", "d.txt", "d/e/b", "z"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal(4, (await RunAsync("baseline", "--path", "gone")).Code);
        Assert.Equal(2, (await RunAsync("baseline", "--path", "../src")).Code);
        Assert.Equal(2, (await _folder.RunAsync(["baseline", _folder.In("src/z"), _folder.Destination, "--path", "z"])).Code);
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        _folder.Put("a", "one");
        Answer answer = await RunAsync("baseline", "--dry-run");
        Assert.Equal("dry run, nothing was changed; baseline: 1 file (3 B) counts as delivered; DST was not looked at\n", answer.Output);
        Assert.False(Directory.Exists(_folder.In("state")));
        Assert.Contains("1 of 1 file delivered", (await RunAsync("copy")).Output, StringComparison.Ordinal);
        Assert.Contains("1 file will be sent", (await RunAsync("resend", "--dry-run")).Output, StringComparison.Ordinal);
        Assert.Contains("1 unchanged", (await RunAsync("copy")).Output, StringComparison.Ordinal);
        Assert.Contains("0 of 0 files", (await RunAsync("copy", "--compare", "ledger")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_delivered_keeps_its_receipt_and_gets_no_mark()
    {
        _folder.Put("a", "one");
        await RunAsync("copy");
        _folder.Put("b", "two");
        Assert.Contains("1 file (3 B) counts as delivered; 1 were delivered before", (await RunAsync("baseline")).Output, StringComparison.Ordinal);
        File.Delete(Path.Combine(_folder.Destination, "a"));
        await RunAsync("copy");
        Assert.Equal(["a"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Theory]
    [InlineData("mtime")]
    [InlineData("size")]
    [InlineData("checksum")]
    [InlineData("exists")]
    [InlineData("ledger")]
    public async Task What_is_taken_back_is_sent_once_more_also_where_it_is_the_same(string compare)
    {
        _folder.Put("a", "one");
        _folder.Put("d/b", "two");
        await RunAsync("copy");
        Answer answer = await RunAsync("resend", "--path", "d", "--json");
        JsonElement json = JsonDocument.Parse(answer.Output).RootElement;
        Assert.Equal((1, 1, 0), (json.GetProperty("files").GetInt32(), json.GetProperty("delivered").GetInt32(), json.GetProperty("before_baseline").GetInt32()));
        Assert.Contains("there is nothing else to take back", (await RunAsync("resend", "--path", "d")).Output, StringComparison.Ordinal);
        Assert.Contains("would copy d/b (", (await RunAsync("copy", "--dry-run", "--compare", compare)).Output, StringComparison.Ordinal);
        Assert.Contains("0 of 0 files", (await RunAsync("copy", "--no-overwrite")).Output, StringComparison.Ordinal);
        File.WriteAllText(_folder.In("dst/d/b"), "bad");
        File.SetLastWriteTimeUtc(_folder.In("dst/d/b"), File.GetLastWriteTimeUtc(_folder.In("src/d/b")));
        Assert.Contains("1 of 1 file delivered", (await RunAsync("copy", "--compare", compare)).Output, StringComparison.Ordinal);
        Assert.Equal("two", File.ReadAllText(_folder.In("dst/d/b")));
        Assert.Contains("0 of 0 files", (await RunAsync("copy", "--compare", compare)).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tree")]
    [InlineData("list")]
    [InlineData("plan")]
    public async Task What_is_taken_back_is_replaced_at_once_also_by_the_ledger_and_beside_new_files(string form)
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        await RunAsync("copy");
        await RunAsync("resend");
        File.WriteAllText(_folder.In("dst/a"), "bad");
        _folder.Put("0new", "three");
        File.WriteAllText(_folder.In("list"), "0new\t0new\na\ta\nb\tb\n");
        string[] more = form switch { "list" => ["--files-from", _folder.In("list")], "plan" => ["--plan", _folder.In("plan")], _ => [] };
        string[] compare = ["--compare", "ledger"];
        Answer dry = await RunAsync("copy", [.. compare, .. more, "--dry-run"]);
        Assert.Contains("would copy a (to be sent again)", dry.Output, StringComparison.Ordinal);
        Answer answer = await RunAsync("copy", [.. form == "plan" ? [] : compare, .. more, "--report", _folder.In("report")]);
        Assert.True(answer.Code == 0, answer.Error + answer.Output);
        Assert.Equal(0, _folder.Json("report").GetProperty("totals").GetProperty("retries").GetInt64());
        Assert.Equal(["three", "one", "two"], CommandLineFolder.Tree(_folder.Destination).Values);
        Assert.Contains("0 of 0 files", (await RunAsync("copy", compare)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_taken_back_and_gone_is_made_again_by_the_ledger()
    {
        _folder.Put("a", "one");
        await RunAsync("copy");
        await RunAsync("resend");
        File.Delete(_folder.In("dst/a"));
        Assert.Equal(0, (await RunAsync("copy", "--compare", "ledger", "--backup-dir", _folder.In("aside"))).Code);
        Assert.Equal("one", File.ReadAllText(_folder.In("dst/a")));
    }

    [Fact]
    public async Task What_failed_is_still_to_be_sent()
    {
        _folder.Put("a", "one");
        await RunAsync("copy");
        await RunAsync("resend");
        Godwit.Cli.Wiring sound = _folder.Wiring;
        _folder.Wiring = sound with
        {
            DressStore = (store, side) => side != StoreSide.Source ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
                moment == CallMoment.Before && call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange
                    ? throw new StoreException(StoreErrorKind.Forbidden, "no") { Path = call.Path }
                    : ValueTask.CompletedTask)),
        };
        Assert.Equal(6, (await RunAsync("copy")).Code);
        _folder.Wiring = sound;
        Assert.Contains("1 of 1 file delivered", (await RunAsync("copy")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resending_goes_by_the_time_of_the_delivery()
    {
        _folder.Put("a", "one");
        File.SetLastWriteTimeUtc(_folder.In("src/a"), new DateTime(1999, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await RunAsync("copy");
        Assert.Contains("resend: 0 files", (await RunAsync("resend", "--before", "2000-01-01T00:00:00Z")).Output, StringComparison.Ordinal);
        string none = (await RunAsync("resend", "--before", "1h")).Output;
        Assert.Contains("--compare always", none, StringComparison.Ordinal);
        Assert.Matches(@"; only what was delivered or marked before \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(1h ago\)$", none.TrimEnd('\n'));
        Assert.Contains(
            "; only what was delivered or marked at or after 2000-01-01 00:00:00 UTC and before ",
            (await RunAsync("resend", "--dry-run", "--since", "2000-01-01T00:00:00Z", "--before", "1s")).Output, StringComparison.Ordinal);
        Assert.Contains("resend: 1 file ", (await RunAsync("resend", "--since", "1h")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_baseline_takes_a_resend_back()
    {
        _folder.Put("a", "one");
        await RunAsync("baseline");
        await RunAsync("resend");
        await RunAsync("baseline");
        Assert.Contains("1 before the baseline", (await RunAsync("copy")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mtime")]
    [InlineData("checksum")]
    [InlineData("always")]
    public async Task A_move_never_deletes_because_of_a_baseline(string compare)
    {
        _folder.Put("only here", "one");
        _folder.Put("d/on both sides", "two");
        Directory.CreateDirectory(_folder.In("dst/d"));
        File.Copy(_folder.In("src/d/on both sides"), _folder.In("dst/d/on both sides"));
        File.SetLastWriteTimeUtc(_folder.In("dst/d/on both sides"), File.GetLastWriteTimeUtc(_folder.In("src/d/on both sides")));
        await RunAsync("baseline");
        _folder.Put("new", "three");
        Answer answer = await RunAsync("move", "--compare", compare);
        Assert.Equal(0, answer.Code);
        Assert.Contains("2 before the baseline", answer.Output, StringComparison.Ordinal);
        Assert.Equal(["d/on both sides", "only here"], CommandLineFolder.Tree(_folder.Source).Keys);
        await RunAsync("resend");
        Assert.Equal(0, (await RunAsync("move", "--compare", compare)).Code);
        Assert.Empty(CommandLineFolder.Tree(_folder.Source));
        Assert.Equal(["d/on both sides", "new", "only here"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task A_sync_keeps_what_stands_for_a_file_of_the_baseline()
    {
        _folder.Put("a", "one");
        Directory.CreateDirectory(_folder.Destination);
        File.WriteAllText(_folder.In("dst/a"), "another");
        File.WriteAllText(_folder.In("dst/extra"), "x");
        await RunAsync("baseline");
        Assert.Equal(0, (await RunAsync("sync")).Code);
        Assert.Equal(["another"], CommandLineFolder.Tree(_folder.Destination).Values);
    }

    [Fact]
    public async Task What_cannot_be_looked_at_is_told_and_the_rest_is_marked()
    {
        _folder.Put("a", "one");
        _folder.Put("d/b", "two");
        Godwit.Cli.Wiring sound = _folder.Wiring;
        _folder.Wiring = sound with
        {
            DressStore = (store, _) => new LayeredStore(store, new AtEachCall((call, moment, _) =>
                moment == CallMoment.Before && call.Verb == StoreVerb.List && call.Path == StorePath.FromText("d")
                    ? throw new StoreException(StoreErrorKind.Forbidden, "no") { Path = call.Path }
                    : ValueTask.CompletedTask)),
        };
        Answer answer = await RunAsync("baseline");
        Assert.Equal(6, answer.Code);
        Assert.Contains("d", answer.Error, StringComparison.Ordinal);
        _folder.Wiring = sound;
        Assert.Contains("1 of 1 file delivered", (await RunAsync("copy")).Output, StringComparison.Ordinal);
    }

    private Task<Answer> RunAsync(string verb, params string[] options) => _folder.RunAsync([verb, _folder.Source, _folder.Destination, .. options]);
}
