using Godwit.Cli;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli;

/// <summary><c>godwit sync</c>: what the destination has and the source does not goes, when all is well and never otherwise.</summary>
public sealed class SyncTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_destination_becomes_what_the_source_is()
    {
        _folder.Put("a", "one");
        _folder.Put("d/b", "two");
        PutThere("old", "x");
        PutThere("gone/deep/er/c", "x");
        PutThere("d/c", "x");
        Directory.CreateDirectory(Path.Combine(_folder.Destination, "empty"));
        Answer answer = await SyncAsync("--json");
        Assert.Equal(0, answer.Code);
        Assert.Equal(CommandLineFolder.Tree(_folder.Source), CommandLineFolder.Tree(_folder.Destination));
        Assert.Equal(["d"], Directory.GetDirectories(_folder.Destination).Select(Path.GetFileName));
        Assert.Equal(
            ["d/c", "gone", "gone/deep", "gone/deep/er", "gone/deep/er/c", "old"],
            answer.Events.Where(one => one.GetProperty("event").GetString() == "entry.deleted" && one.GetProperty("path").GetString() != "empty")
                .Select(one => one.GetProperty("path").GetString()).Order(StringComparer.Ordinal));
        Assert.Contains("2 unchanged", (await SyncAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_deleted_and_deletes_nothing()
    {
        _folder.Put("a", "one");
        PutThere("old", "x");
        Answer answer = await SyncAsync("--dry-run");
        Assert.Equal(0, answer.Code);
        Assert.Contains("delete old", answer.Output, StringComparison.Ordinal);
        Assert.Contains("1 would be deleted", answer.Output, StringComparison.Ordinal);
        Assert.Equal(["old"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Theory]
    [InlineData("--max-delete", "1", "2 files would be deleted, more than the 1 of --max-delete")]
    [InlineData("--max-delete", "40%", "2 of 3 files would be deleted, more than the 40% of --max-delete")]
    public async Task More_than_the_guard_allows_deletes_nothing_and_is_told(string option, string value, string says)
    {
        _folder.Put("a", "one");
        _folder.Put("new", "one");
        PutThere("a", "x");
        PutThere("b", "x");
        PutThere("c", "x");
        Answer answer = await SyncAsync(option, value);
        Assert.Equal(7, answer.Code);
        Assert.Contains(says, answer.Output + answer.Error, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c", "new"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal(7, (await SyncAsync(option, value, "--dry-run")).Code);
        Assert.Equal(0, (await SyncAsync("--max-delete", "2")).Code);
        Assert.Equal(["a", "new"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task A_source_without_files_deletes_only_when_that_is_asked_for()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Source, "d"));
        PutThere("b", "x");
        Answer refused = await SyncAsync();
        Assert.Equal(7, refused.Code);
        Assert.Contains("--allow-empty-source", refused.Output + refused.Error, StringComparison.Ordinal);
        Assert.Equal(["b"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal(0, (await SyncAsync("--allow-empty-source")).Code);
        Assert.Empty(CommandLineFolder.Tree(_folder.Destination));
    }

    [Fact]
    public async Task What_a_filter_leaves_out_stays_on_both_sides()
    {
        _folder.Put("a", "one");
        _folder.Put("b.log", "here");
        PutThere("old", "x");
        PutThere("b.log", "there");
        PutThere("c.log", "there");
        PutThere("d/keep.log", "x");
        Assert.Equal(0, (await SyncAsync("--exclude", "*.log")).Code);
        Assert.Equal(["a", "b.log", "c.log", "d/keep.log"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal("there", CommandLineFolder.Tree(_folder.Destination)["b.log"]);
    }

    [Theory]
    [InlineData(StoreVerb.List, StoreSide.Source)]
    [InlineData(StoreVerb.List, StoreSide.Destination)]
    [InlineData(StoreVerb.OpenRead, StoreSide.Source)]
    public async Task Nothing_is_deleted_after_a_failure(StoreVerb verb, StoreSide side)
    {
        _folder.Put("sub/a", "one");
        _folder.Put("b", "one");
        PutThere("sub/old", "x");
        PutThere("old", "x");
        var failing = StorePath.FromText(verb == StoreVerb.List ? "sub" : "b");
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, which) => which != side ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
                moment == CallMoment.Before && call.Path == failing && (call.Verb == verb || (verb == StoreVerb.OpenRead && call.Verb == StoreVerb.OpenRange))
                    ? throw new StoreException(StoreErrorKind.Forbidden, "no") { Path = failing }
                    : ValueTask.CompletedTask)),
        };
        Answer answer = await SyncAsync("--json");
        Assert.Equal(6, answer.Code);
        Assert.Contains("extras.kept", answer.Output, StringComparison.Ordinal);
        Assert.Contains(verb == StoreVerb.List ? " that only the destination has " : "; 2 files that only the destination has were NOT deleted, because not everything arrived; id ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("old", CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task What_somebody_wrote_after_the_listing_is_not_deleted()
    {
        _folder.Put("a", "one");
        PutThere("old", "x");
        PutThere("other", "x");
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => side != StoreSide.Source ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            {
                if (moment == CallMoment.After && call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange)
                {
                    PutThere("old", "precious");
                }

                return ValueTask.CompletedTask;
            })),
        };
        Assert.Equal(0, (await SyncAsync()).Code);
        Assert.Equal(["a", "old"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task What_was_deleted_and_comes_back_at_the_source_is_sent_again_also_by_the_ledger()
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        Assert.Equal(0, (await SyncAsync()).Code);
        string file = Path.Combine(_folder.Source, "b");
        File.Move(file, _folder.In("aside"));
        Assert.Equal(0, (await SyncAsync()).Code);
        File.Move(_folder.In("aside"), file);
        Assert.Equal(0, (await _folder.CopyAsync("--compare", "ledger")).Code);
        Assert.Equal(["a", "b"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task A_listed_file_that_the_source_lacks_is_a_failure_and_stays()
    {
        _folder.Put("a", "one");
        PutThere("b", "x");
        File.WriteAllText(_folder.In("list"), "a\nb\n");
        Answer answer = await SyncAsync("--files-from", _folder.In("list"));
        Assert.Equal(6, answer.Code);
        Assert.Contains("asked for by name", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task What_came_from_behind_a_link_and_directories_beside_a_filter_stay()
    {
        _folder.Put("a", "one");
        File.CreateSymbolicLink(Path.Combine(_folder.Source, "d"), "/tmp");
        PutThere("d/deep/b", "x");
        Directory.CreateDirectory(Path.Combine(_folder.Destination, "spool"));
        Assert.Equal(0, (await SyncAsync("--exclude", "*.log")).Code);
        Assert.True(Directory.Exists(Path.Combine(_folder.Destination, "spool")));
        Assert.Equal(0, (await SyncAsync()).Code);
        Assert.False(Directory.Exists(Path.Combine(_folder.Destination, "spool")));
        Assert.Equal(["a", "d/deep/b"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task A_destination_that_holds_the_source_or_the_ledger_is_refused()
    {
        string inside = Path.Combine(_folder.Destination, "new");
        PutThere("new/a", "one");
        Answer within = await _folder.RunAsync(["sync", inside, _folder.Destination]);
        Assert.Equal(2, within.Code);
        Assert.Contains("sync would delete SRC there", within.Error, StringComparison.Ordinal);
        _folder.Put("a", "one");
        Answer ledger = await _folder.RunAsync(["sync", _folder.Source, _folder.Root + "/."]);
        Assert.Equal(2, ledger.Code);
        Directory.CreateSymbolicLink(_folder.In("alias"), _folder.Root);
        string state = Path.Combine(_folder.Destination, "state");
        Answer below = await Godwit(["sync", _folder.Source, _folder.Destination, "--state", state]);
        Assert.Equal(2, below.Code);
        Assert.Contains("--state DIR", below.Error, StringComparison.Ordinal);
        Assert.Equal(["new/a"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task What_sync_cannot_do_is_said_before_anything_happens()
    {
        _folder.Put("a", "one");
        Assert.Contains("use copy", (await _folder.RunAsync(["sync", Path.Combine(_folder.Source, "a"), _folder.In("b")])).Error, StringComparison.Ordinal);
        Assert.Contains("--compare ledger", (await SyncAsync("--compare", "ledger")).Error, StringComparison.Ordinal);
        foreach (string wrong in (string[])["-1", "101%", "many", "%"])
        {
            Assert.Equal(2, (await SyncAsync("--max-delete", wrong)).Code);
        }
    }

    private async Task<Answer> Godwit(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)args, _folder.Wiring, output, error, default);
        return new Answer(code, output.ToString(), error.ToString());
    }

    private Task<Answer> SyncAsync(params string[] options) => _folder.RunAsync(["sync", _folder.Source, _folder.Destination, .. options]);

    private void PutThere(string name, string content)
    {
        string file = Path.Combine(_folder.Destination, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }
}
