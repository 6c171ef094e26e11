using Godwit.Conformance;
using Godwit.Storage;
using Godwit.Tests.HostileTrees;

namespace Godwit.Tests.Cli;

/// <summary>What a sync leaves at the destination, because what would come instead is not known to come.</summary>
public sealed class SyncKeepsTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("new.fits", "old.fits")]
    [InlineData("file", "file/q")]
    public async Task While_a_file_is_still_changing_nothing_is_deleted(string here, string there)
    {
        _folder.Put(here, "f");
        PutThere(there, "data");
        foreach (string[] dry in (string[][])[["--dry-run"], []])
        {
            Answer answer = await SyncAsync(["--stable-for", "1h", .. dry]);
            Assert.True(answer.Code == 0, answer.Error + answer.Output);
            Assert.Contains("; 1 still changing; 1 file that only the destination has ", answer.Output, StringComparison.Ordinal);
            Assert.Contains("NOT", answer.Output, StringComparison.Ordinal);
            Assert.Contains("deleted, because files at the source are still changing", answer.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("would delete", answer.Output, StringComparison.Ordinal);
        }

        Assert.Equal([there], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal(0, (await SyncAsync()).Code);
        Assert.Equal([here], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Theory]
    [InlineData("file", "file/q")]
    [InlineData("dir/x", "dir")]
    public async Task While_a_file_is_still_changing_nothing_makes_way_for_another(string here, string there)
    {
        _folder.Put(here, "f");
        _folder.Put("new", "n");
        File.SetLastWriteTimeUtc(_folder.In("src/" + here), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        PutThere(there, "q");
        foreach (string[] dry in (string[][])[["--dry-run"], []])
        {
            Answer answer = await SyncAsync(["--stable-for", "1h", .. dry]);
            Assert.True(answer.Code == 5, answer.Error + answer.Output);
            Assert.Contains("it was not deleted, because files at SRC are still changing", answer.Error, StringComparison.Ordinal);
        }

        Assert.Equal([there], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task A_saved_plan_with_a_file_that_was_still_changing_deletes_nothing()
    {
        _folder.Put("new", "n");
        PutThere("old", "data");
        Assert.Equal(0, (await SyncAsync("--stable-for", "1h", "--dry-run", "--plan", _folder.In("plan"))).Code);
        Answer answer = await _folder.RunAsync(["sync", _folder.Source, _folder.Destination, "--plan", _folder.In("plan")]);
        Assert.True(answer.Code == 0, answer.Error + answer.Output);
        Assert.Equal(["old"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_something_stays_in_the_way_for_good_nothing_else_there_is_deleted(bool isPipe)
    {
        _folder.Put("file", "f");
        PutThere("file/deep/x", "x");
        PutThere("file/q", "q");
        string[] options = isPipe ? [] : ["--exclude", "/file/q"];
        if (isPipe)
        {
            RawFiles.MakeSpecial(_folder.Destination, "file/p", 0x1000);
        }

        foreach (string[] dry in (string[][])[["--dry-run"], []])
        {
            Answer answer = await SyncAsync([.. options, .. dry]);
            Assert.True(answer.Code == 6, answer.Error + answer.Output);
            Assert.Contains("FAILED file", answer.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("would delete", answer.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("deleted;", answer.Output, StringComparison.Ordinal);
        }

        Assert.Equal("x", File.ReadAllText(_folder.In("dst/file/deep/x")));
        Assert.Equal("q", File.ReadAllText(_folder.In("dst/file/q")));
    }

    [Fact]
    public async Task What_a_limit_of_bytes_would_not_begin_clears_nothing_and_the_next_run_goes_on()
    {
        _folder.Put("b0", "0123456789");
        _folder.Put("c", "new");
        _folder.Put("d/x", "new");
        PutThere("c/y", "old");
        PutThere("d", "old");
        Answer first = await SyncAsync("--max-transfer", "10B");
        Assert.True(first.Code == 8, first.Error + first.Output);
        Assert.Contains("2 not attempted", first.Output, StringComparison.Ordinal);
        Assert.Equal(["b0", "c/y", "d"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Answer second = await SyncAsync("--max-transfer", "3B");
        Assert.True(second.Code == 8, second.Error + second.Output);
        Assert.Equal(["b0", "c", "d"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal("new", File.ReadAllText(_folder.In("dst/c")));
        Assert.Equal(0, (await SyncAsync("--max-transfer", "3B")).Code);
        Assert.Equal(["b0", "c", "d/x"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task When_the_time_is_used_up_nothing_makes_way()
    {
        _folder.Put("file", "f");
        PutThere("file/q", "q");
        var time = new JumpingTime();
        _folder.Wiring = _folder.Wiring with
        {
            Time = time,
            DressStore = (store, _) => new LayeredStore(store, new AtEachCall((call, _, _) =>
            {
                time.Ahead = call.Verb == StoreVerb.List ? 2 * 3600 * time.TimestampFrequency : time.Ahead;
                return ValueTask.CompletedTask;
            })),
        };
        Answer answer = await SyncAsync("--time-budget", "1h");
        Assert.True(answer.Code == 10, answer.Error + answer.Output);
        Assert.Contains("1 not attempted", answer.Output, StringComparison.Ordinal);
        Assert.Equal(["file/q"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Theory]
    [InlineData("file", "file/q")]
    [InlineData("dir/x", "dir")]
    public async Task For_a_file_that_cannot_be_read_nothing_makes_way(string here, string there)
    {
        _folder.Put(here, "f");
        PutThere(there, "q");
        FailReading(here, () => true);
        Answer answer = await SyncAsync("--json");
        Assert.True(answer.Code == 6, answer.Error + answer.Output);
        Assert.Equal("forbidden", Assert.Single(answer.Events, one => one.GetProperty("event").GetString() == "file.failed").GetProperty("kind").GetString());
        Assert.Equal([there], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task What_made_way_is_not_said_to_be_kept()
    {
        _folder.Put("file", "f");
        PutThere("file/q", "q");
        PutThere("old", "x");
        FailReading("file", () => !File.Exists(_folder.In("dst/file/q")));
        Answer answer = await SyncAsync();
        Assert.True(answer.Code == 6, answer.Error + answer.Output);
        Assert.Contains("; 1 deleted; 1 file that only the destination has was NOT deleted, because not everything arrived;", answer.Output, StringComparison.Ordinal);
        Assert.Equal(["old"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Theory]
    [InlineData("file", "file/q")]
    [InlineData("dir/x", "dir")]
    public async Task What_must_not_be_overwritten_does_not_make_way_either(string here, string there)
    {
        _folder.Put(here, "f");
        PutThere(there, "q");
        foreach (string[] dry in (string[][])[["--dry-run"], []])
        {
            Answer answer = await SyncAsync(["--no-overwrite", .. dry]);
            Assert.True(answer.Code == 6, answer.Error + answer.Output);
            Assert.Contains("[in-the-way, destination]", answer.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("would delete", answer.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("use sync", answer.Error, StringComparison.Ordinal);
        }

        Assert.Equal([there], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Theory]
    [InlineData("dir/y", "dir")]
    [InlineData("dir/deep/y", "dir")]
    [InlineData("file", "file/q")]
    [InlineData("file", "file/deep/q")]
    public async Task What_stands_for_a_file_before_the_baseline_stays(string here, string there)
    {
        _folder.Put(here, "f");
        PutThere(there, "precious");
        PutThere("old", "x");
        Assert.Equal(0, (await _folder.RunAsync(["baseline", _folder.Source, _folder.Destination])).Code);
        Assert.DoesNotContain("would delete " + there, (await SyncAsync("--dry-run", "--plan", _folder.In("plan"))).Output, StringComparison.Ordinal);
        Answer answer = await SyncAsync("--max-delete", "1");
        Assert.True(answer.Code == 0, answer.Error + answer.Output);
        Assert.Contains("; 1 deleted; 1 before the baseline;", answer.Output, StringComparison.Ordinal);
        Assert.Equal([there], CommandLineFolder.Tree(_folder.Destination).Keys);
        _folder.Put("dir/later", "z");
        Answer later = await SyncAsync();
        Assert.True(later.Code == (there == "dir" ? 6 : 0), later.Error + later.Output);
        Assert.Equal("precious", File.ReadAllText(_folder.In("dst/" + there)));
    }

    [Fact]
    public async Task A_copy_leaves_files_before_the_baseline_out_whatever_stands_there()
    {
        _folder.Put("dir/y", "f");
        _folder.Put("file", "f");
        PutThere("dir", "precious");
        PutThere("file/q", "q");
        Assert.Equal(0, (await _folder.RunAsync(["baseline", _folder.Source, _folder.Destination])).Code);
        Answer answer = await _folder.CopyAsync("--include", "*");
        Assert.True(answer.Code == 0, answer.Error + answer.Output);
        Assert.Contains("2 before the baseline", answer.Output, StringComparison.Ordinal);
    }

    private void FailReading(string name, Func<bool> fails) => _folder.Wiring = _folder.Wiring with
    {
        DressStore = (store, side) => side != StoreSide.Source ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            moment == CallMoment.Before && call.Path == StorePath.FromText(name) && call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && fails()
                ? throw new StoreException(StoreErrorKind.Forbidden, "no") { Path = call.Path }
                : ValueTask.CompletedTask)),
    };

    private void PutThere(string name, string content)
    {
        string file = Path.Combine(_folder.Destination, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    private Task<Answer> SyncAsync(params string[] options) => _folder.RunAsync(["sync", _folder.Source, _folder.Destination, .. options]);

    private sealed class JumpingTime : TimeProvider
    {
        private long _ahead;

        public long Ahead
        {
            get => Interlocked.Read(ref _ahead);
            set => Interlocked.Exchange(ref _ahead, value);
        }

        public override long GetTimestamp() => base.GetTimestamp() + Ahead;
    }
}
