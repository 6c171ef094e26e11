using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Relay;

/// <summary>What is known to go wrong with relays through a bucket, file by file: each is a sentence that holds here.</summary>
public sealed class RelayWeaknessTests : IDisposable
{
    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Fact]
    public async Task A_dry_run_fetches_nothing()
    {
        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        var fetched = new List<StorePath>();
        Watch(StoreSide.Source, (call, _) =>
        {
            if (call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && call.Path.IsBelow(StorePath.FromText("data")))
            {
                fetched.Add(call.Path);
            }
        });
        await RelayFolder.DoneAsync(_relay.PullAsync("--dry-run"));
        Assert.Empty(fetched);
        Assert.False(Directory.Exists(_relay.Archive));
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.NotEmpty(fetched);
    }

    [Theory]
    [InlineData("one an", false)]
    [InlineData("one and mor3", true)]
    public async Task What_a_broken_copy_left_at_the_destination_is_never_taken_for_the_file(string left, bool withItsTime)
    {
        _relay.Put("a", "one and more");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        Directory.CreateDirectory(_relay.Archive);
        string there = Path.Combine(_relay.Archive, "a");
        await File.WriteAllTextAsync(there, left);
        if (withItsTime)
        {
            File.SetLastWriteTimeUtc(there, File.GetLastWriteTimeUtc(Path.Combine(_relay.Site, "a")));
        }

        await _relay.PullAsync("--no-overwrite");
        Assert.Single(_relay.InBox("pending"));
        Answer pull = await _relay.PullAsync();
        bool isWaiting = _relay.InBox("pending").Length == 1;
        Assert.True(isWaiting || await File.ReadAllTextAsync(there) == "one and more", pull.Error + pull.Output);
        await RelayFolder.DoneAsync(_relay.PullAsync("--compare", "checksum"));
        Assert.Equal("one and more", await File.ReadAllTextAsync(there));
        Assert.Empty(_relay.InBox("pending"));
    }

    [Fact]
    public async Task A_file_that_changed_is_sent_again_also_at_the_same_length()
    {
        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        _relay.Put("a", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task A_checksum_that_was_written_down_is_held_against_what_comes_out()
    {
        _relay.Put("a", "one");
        _relay.Put("b", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        string payload = Directory.EnumerateFiles(Path.Combine(_relay.Box, "data"), "*", SearchOption.AllDirectories)
            .First(file => File.ReadAllText(file) == "one");
        await File.WriteAllTextAsync(payload, "on3");
        Answer answer = await _relay.PullAsync();
        Assert.InRange(answer.Code, 5, 6);
        Assert.Equal(["b"], CommandLineFolder.Tree(_relay.Archive).Keys);
        Assert.Single(_relay.InBox("pending"));
    }

    [Fact]
    public async Task A_file_that_is_still_being_written_arrives_whole_or_not_at_all()
    {
        _relay.Put("a", new string('a', 100_000));
        int read = 0;
        Watch(StoreSide.Source, (call, moment) =>
        {
            if (moment == CallMoment.After && call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && read++ == 0)
            {
                File.AppendAllText(Path.Combine(_relay.Site, "a"), "more");
            }
        });
        await _relay.PushAsync();
        Assert.True(read > 0);
        _relay.Wiring = new() { Environment = _ => null };
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.True(!Directory.Exists(_relay.Archive) || CommandLineFolder.Tree(_relay.Archive).All(file => file.Value == CommandLineFolder.Tree(_relay.Site)[file.Key]));
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task Equal_names_in_two_directories_are_two_files()
    {
        _relay.Put("night1/run.fits", "one");
        _relay.Put("night2/run.fits", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task A_file_that_was_delivered_and_is_asked_for_is_told_as_that()
    {
        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Answer again = await _relay.PullAsync("--path", "a");
        Assert.Equal(4, again.Code);
        Assert.Contains("it was delivered", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_a_thousand_files_go_through_and_are_told()
    {
        for (int i = 0; i < 1_100; i++)
        {
            _relay.Put($"file{i}", $"{i}");
        }

        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(1_100, CommandLineFolder.Tree(_relay.Archive).Count);
        Assert.Contains("delivered  1100 files", (await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "status", _relay.Box]))).Output, StringComparison.Ordinal);
        Assert.Contains("freed 0", (await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "prune", _relay.Box, "--older-than", "0s"]))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_nothing_to_prune_or_to_mend_that_is_success()
    {
        Directory.CreateDirectory(_relay.Box);
        await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "prune", _relay.Box]));
        await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "repair", _relay.Box]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_relay.Box));
    }

    [Fact]
    public async Task Two_runs_at_once_do_no_harm()
    {
        for (int i = 0; i < 30; i++)
        {
            _relay.Put($"file{i}", new string('a', 1_000 * i));
        }

        Answer[] answers = await Task.WhenAll(
            _relay.PushAsync(), _relay.PushAsync(), _relay.RunAsync(["relay", "push", _relay.Site, _relay.Box], "another ledger"));
        Assert.Contains(0, answers[..2].Select(answer => answer.Code));
        Assert.All(answers[..2], answer => Assert.Contains(answer.Code, (int[])[0, 7]));
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task One_file_that_fails_stops_no_other()
    {
        _relay.Put("a", "one");
        _relay.Put("b", "two");
        _relay.Put("c", "three");
        Watch(StoreSide.Source, (call, _) =>
        {
            if (call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && call.Path == StorePath.FromText("b"))
            {
                throw new StoreException(StoreErrorKind.Forbidden, "It may not be read.");
            }
        });
        Answer push = await _relay.PushAsync();
        Assert.InRange(push.Code, 5, 6);
        Assert.Contains("FAILED b", push.Error, StringComparison.Ordinal);
        Assert.Equal(["files/a!", "files/c!"], _relay.InBox("files"));
    }

    private void Watch(StoreSide watched, Action<StoreCall, CallMoment> see)
    {
        var layer = new AtEachCall((call, moment, _) =>
        {
            see(call, moment);
            return ValueTask.CompletedTask;
        });
        _relay.Wiring = _relay.Wiring with { DressStore = (store, side) => side == watched ? new LayeredStore(store, layer) : store };
    }
}
