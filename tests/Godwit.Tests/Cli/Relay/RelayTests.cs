using Godwit.Backends.DropBox;
using Godwit.Backends.Local;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Relay;

/// <summary><c>godwit relay push</c> and <c>godwit relay pull</c>: what the one puts into the box, the other takes out, once.</summary>
public sealed class RelayTests : IDisposable
{
    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Fact]
    public async Task What_is_pushed_is_pulled_once_and_leaves_no_bytes_in_the_box()
    {
        _relay.Put("night1/a.fits", new string('a', 5_000));
        _relay.Put("night1/empty", "");
        _relay.Put("b", "two");
        SortedDictionary<string, string> before = CommandLineFolder.Tree(_relay.Site);
        Answer pushed = await RelayFolder.DoneAsync(_relay.PushAsync());
        Assert.Contains("relay push SUCCESS: 3 of 3 files delivered", pushed.Output, StringComparison.Ordinal);
        Answer pulled = await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Contains("relay pull SUCCESS: 3 of 3 files delivered", pulled.Output, StringComparison.Ordinal);
        Assert.Equal(before, CommandLineFolder.Tree(_relay.Archive));
        Assert.Equal(before, CommandLineFolder.Tree(_relay.Site));
        Assert.Empty(_relay.InBox("data"));
        Assert.Empty(_relay.InBox("pending"));
        Assert.Equal(["files/b!", "files/night1/a.fits!", "files/night1/empty!"], _relay.InBox("files"));
        Assert.Equal(["done/b!", "done/night1/a.fits!", "done/night1/empty!"], _relay.InBox("done"));
        Assert.Contains("nothing waits", (await RelayFolder.DoneAsync(_relay.PullAsync())).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_like_that_of_an_unfinished_upload_comes_out_of_the_box()
    {
        _relay.Put(".a.fits.abcdefghijkmn.godwit-part", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task A_changed_file_goes_through_again_and_nothing_else_does()
    {
        _relay.Put("a", "one");
        _relay.Put("b", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        _relay.Put("a", "one and more");
        Assert.Contains("1 of 1 file delivered", (await RelayFolder.DoneAsync(_relay.PushAsync())).Output, StringComparison.Ordinal);
        Assert.Contains("1 of 1 file delivered", (await RelayFolder.DoneAsync(_relay.PullAsync())).Output, StringComparison.Ordinal);
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task Another_push_and_pull_cost_as_many_calls_for_many_delivered_files_as_for_few()
    {
        var calls = new List<(long Push, long Pull)>();
        foreach (int files in (int[])[5, 500])
        {
            for (int i = 0; i < files; i++)
            {
                _relay.Put($"night/file{i}", $"{i}");
            }

            await RelayFolder.DoneAsync(_relay.PushAsync());
            await RelayFolder.DoneAsync(_relay.PullAsync());
            long push = await _relay.CallsAsync(StoreSide.Destination, () => _relay.PushAsync());
            calls.Add((push, await _relay.CallsAsync(StoreSide.Source, () => _relay.PullAsync())));
        }

        Assert.Equal(calls[0], calls[1]);
        Assert.InRange(calls[0].Push, 0, 10);
        Assert.InRange(calls[0].Pull, 1, 20);
    }

    [Fact]
    public async Task Without_its_ledger_a_push_sends_nothing_that_the_box_knows()
    {
        _relay.Put("delivered", "one");
        _relay.Put("changed", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        _relay.Put("waiting", "three");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        long usual = await _relay.CallsAsync(StoreSide.Destination, () => _relay.PushAsync());
        Directory.Delete(_relay.Folder.In("pushing"), recursive: true);
        _relay.Put("changed", "six");
        SortedDictionary<string, string> before = CommandLineFolder.Tree(_relay.Box);
        Answer again = await RelayFolder.DoneAsync(_relay.PushAsync());
        Assert.Contains("1 of 1 file delivered", again.Output, StringComparison.Ordinal);
        Assert.Contains("2 unchanged", again.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            CommandLineFolder.Tree(_relay.Box).Keys.Except(before.Keys),
            name => !name.Contains("changed", StringComparison.Ordinal) && !name.StartsWith("data/", StringComparison.Ordinal));
        Assert.Equal(2, _relay.InBox("data").Length);
        Assert.Equal(usual, await _relay.CallsAsync(StoreSide.Destination, () => _relay.PushAsync()));
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_on_either_side()
    {
        _relay.Put("a", "one");
        Answer push = await RelayFolder.DoneAsync(_relay.PushAsync("--dry-run"));
        Assert.Contains("would move 1 file", push.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_relay.Box));
        await RelayFolder.DoneAsync(_relay.PushAsync());
        _relay.Put("b", "two");
        SortedDictionary<string, string>[] before = _relay.Trees();
        await RelayFolder.DoneAsync(_relay.PushAsync("--dry-run"));
        Answer pull = await RelayFolder.DoneAsync(_relay.PullAsync("--dry-run"));
        Assert.Contains("would move 1 file", pull.Output, StringComparison.Ordinal);
        Assert.Equal(before, _relay.Trees());
        Assert.False(Directory.Exists(_relay.Archive));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_pulls_at_once_deliver_everything_whole(bool toOnePlace)
    {
        for (int i = 0; i < 60; i++)
        {
            _relay.Put($"night{i % 3}/file{i}", new string((char)('a' + (i % 26)), 3_000 * i));
        }

        await RelayFolder.DoneAsync(_relay.PushAsync());
        string other = toOnePlace ? _relay.Archive : _relay.Folder.In("other");
        Answer[] answers = await Task.WhenAll(
            _relay.PullAsync(), _relay.RunAsync(["relay", "pull", _relay.Box, other, "--order", "large-first"], "pulling too"));
        Assert.All(answers, answer => Assert.True(answer.Code == 0, answer.Error + answer.Output));
        var arrived = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string content) in CommandLineFolder.Tree(_relay.Archive).Concat(CommandLineFolder.Tree(other)))
        {
            arrived[name] = content;
            Assert.Equal(CommandLineFolder.Tree(_relay.Site)[name], content);
        }

        Assert.Equal(CommandLineFolder.Tree(_relay.Site), arrived);
        Assert.Empty(_relay.InBox("pending"));
        Assert.Empty(_relay.InBox("data"));
    }

    [Fact]
    public async Task A_file_that_somebody_else_takes_meanwhile_is_no_failure()
    {
        _relay.Put("a", "one");
        _relay.Put("b", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        bool isTaken = false;
        var atReading = new AtEachCall(async (call, moment, _) =>
        {
            if (!isTaken && moment == CallMoment.Before && call.Verb == StoreVerb.OpenRead && call.Path.IsBelow(StorePath.FromText("data")))
            {
                isTaken = true;
                await using var other = new DropBoxStore(LocalStore.In(_relay.Box), DropBoxOptions.Default, TimeProvider.System);
                await other.DeleteAsync(StorePath.FromText("b"), default);
            }
        });
        _relay.Wiring = _relay.Wiring with { DressStore = (store, side) => side == StoreSide.Source ? new LayeredStore(store, atReading) : store };
        Answer pull = await RelayFolder.DoneAsync(_relay.PullAsync("--transfers", "1"));
        Assert.True(isTaken);
        Assert.Contains("1 of 1 file delivered", pull.Output, StringComparison.Ordinal);
        Assert.Equal(["a"], CommandLineFolder.Tree(_relay.Archive).Keys);
    }

    [Fact]
    public async Task One_file_can_be_pulled_by_its_path()
    {
        _relay.Put("night1/a", "one");
        _relay.Put("night1/b", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync("--path", "night1/b"));
        Assert.Equal(["night1/b"], CommandLineFolder.Tree(_relay.Archive).Keys);
        Answer gone = await _relay.PullAsync("--path", "night1/b");
        Assert.Equal(4, gone.Code);
        Assert.Contains("was delivered, or was never pushed", gone.Error, StringComparison.Ordinal);
        Assert.Equal(4, (await _relay.PullAsync("--path", "night1")).Code);
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(["night1/a", "night1/b"], CommandLineFolder.Tree(_relay.Archive).Keys);
    }

    [Fact]
    public async Task One_file_can_be_pushed_into_a_box_that_is_not_there_yet()
    {
        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "push", Path.Combine(_relay.Site, "a"), _relay.Box], "pushing"));
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(["a"], CommandLineFolder.Tree(_relay.Archive).Keys);
    }

    [Fact]
    public async Task History_and_reports_know_the_two_by_their_names()
    {
        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync("--report", _relay.Folder.In("report")));
        Assert.Contains("relay push", (await _relay.RunAsync(["history"], "pushing")).Output, StringComparison.Ordinal);
        Answer history = await _relay.RunAsync(["history"], "pulling");
        Assert.Contains("relay pull", history.Output, StringComparison.Ordinal);
        string id = history.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries).First(word => word.Length > 15);
        Assert.Equal("relay pull", _relay.Folder.Json("report").GetProperty("verb").GetString());
        await RelayFolder.DoneAsync(_relay.RunAsync(["show", id], "pulling"));
        await RelayFolder.DoneAsync(_relay.RunAsync(["report", id], "pulling"));
    }
}
