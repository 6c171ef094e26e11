using System.Text.Json.Nodes;

namespace Godwit.Tests.Cli.Relay;

/// <summary>What is known to go wrong with CTA Ingest, and how its layout is used: both halves of a relay on one box.</summary>
public sealed class RelayIngestTests : IDisposable
{
    private const string Layout = "--layout";

    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Fact]
    public async Task Files_arrive_with_their_times_and_the_next_push_cleans_up()
    {
        Fill();
        await PushAsync();
        Assert.Equal(5, _relay.InBox("parts").Length + 2);
        Assert.Contains("waiting    3 files", (await RunAsync("status", _relay.Box)).Output, StringComparison.Ordinal);
        await PullAsync();
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
        foreach (string file in Directory.EnumerateFiles(_relay.Site))
        {
            TimeSpan apart = File.GetLastWriteTimeUtc(file) - File.GetLastWriteTimeUtc(Path.Combine(_relay.Archive, Path.GetFileName(file)));
            Assert.InRange(apart.TotalMicroseconds, -1, 1);
        }

        Assert.Empty(_relay.InBox("parts"));
        Assert.Equal(Path.Combine(_relay.Archive, "b"), (string)State("target.json")["b"]!["path"]!);
        Assert.Equal(3, State("upload.json").Count);
        Assert.Contains("3 unchanged", (await PushAsync(0, "--dry-run")).Output, StringComparison.Ordinal);
        Assert.Equal(3, State("upload.json").Count);
        Assert.Contains("0 of 0 files delivered", (await PushAsync()).Output, StringComparison.Ordinal);
        Assert.Empty(State("upload.json"));
        Assert.Empty(State("disassemble.json"));
        Assert.Contains("0 of 0 files delivered", (await _relay.RunAsync(["relay", "push", _relay.Site, _relay.Box, Layout, "cta-ingest"], "another ledger")).Output, StringComparison.Ordinal);
        Assert.Contains("nothing waits", (await PullAsync()).Output, StringComparison.Ordinal);
        await RunAsync("check", _relay.Box, _relay.Archive, "--compare", "mtime");
        Assert.Contains("delivered", (await RunAsync("show", _relay.Box, "a")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_file_is_told_at_every_run_once_its_name_was_delivered()
    {
        Fill();
        await PushAsync();
        await PullAsync();
        _relay.Put("b", "changed");
        for (int run = 0; run < 2; run++)
        {
            Answer answer = await PushAsync(6);
            Assert.Contains("FAILED b", answer.Error, StringComparison.Ordinal);
            Assert.Contains("give it another name", answer.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_that_changes_while_it_waits_arrives_as_the_newer_one()
    {
        Fill();
        await PushAsync();
        _relay.Put("b", "changed");
        Assert.Contains("the next push sends this one", (await PushAsync(5)).Error, StringComparison.Ordinal);
        await PushAsync();
        await PullAsync();
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task A_file_that_vanishes_at_its_source_while_it_waits_is_delivered()
    {
        Fill();
        await PushAsync();
        File.Delete(Path.Combine(_relay.Site, "b"));
        await PushAsync();
        Assert.True(State("origin.json").ContainsKey("b"));
        await PullAsync();
        Assert.True(File.Exists(Path.Combine(_relay.Archive, "b")));
        await PushAsync();
        Assert.False(State("origin.json").ContainsKey("b"));
    }

    [Fact]
    public async Task One_file_that_cannot_be_had_stops_no_other_and_is_tried_again()
    {
        Fill();
        await PushAsync();
        string part = Directory.EnumerateFiles(Path.Combine(_relay.Box, "parts"), "aa", SearchOption.AllDirectories).Single(file => file.Contains("/b/", StringComparison.Ordinal));
        byte[] whole = await File.ReadAllBytesAsync(part);
        await File.WriteAllBytesAsync(part, whole[..^1]);
        Answer cut = await PullAsync(5);
        Assert.Contains("FAILED b", cut.Error, StringComparison.Ordinal);
        Assert.Contains("middle of a frame", cut.Error, StringComparison.Ordinal);
        Assert.Equal(["a", "empty"], CommandLineFolder.Tree(_relay.Archive).Keys);
        Assert.True(File.Exists(part));
        await File.WriteAllBytesAsync(part, whole);
        await PullAsync();
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task A_file_at_the_destination_is_never_half_replaced_and_one_that_is_the_same_is_delivered()
    {
        Fill();
        await PushAsync();
        Directory.CreateDirectory(_relay.Archive);
        File.Copy(Path.Combine(_relay.Site, "a"), Path.Combine(_relay.Archive, "a"));
        await File.WriteAllTextAsync(Path.Combine(_relay.Archive, "b"), "left by a broken copy");
        await PullAsync(0, "--no-overwrite");
        Assert.Equal("left by a broken copy", await File.ReadAllTextAsync(Path.Combine(_relay.Archive, "b")));
        Assert.Equal(["empty"], State("target.json").Select(one => one.Key));
        await PullAsync();
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task Directories_are_refused_by_name_and_the_rest_goes()
    {
        Fill();
        _relay.Put("night/b", "three");
        Assert.Contains("FAILED night/b", (await PushAsync(6)).Error, StringComparison.Ordinal);
        await PushAsync(0, "--max-depth", "1");
        await PullAsync();
        Assert.Equal(["a", "b", "empty"], CommandLineFolder.Tree(_relay.Archive).Keys);
    }

    [Fact]
    public async Task What_is_adopted_is_not_sent_and_one_write_tells_of_many()
    {
        for (int i = 0; i < 200; i++)
        {
            _relay.Put($"file{i}", "content");
        }

        long calls = await _relay.CallsAsync(Godwit.Storage.StoreSide.Source, () => _relay.RunAsync(["relay", "adopt", _relay.Box, _relay.Site, Layout, "cta-ingest"]));
        Assert.InRange(calls, 1, 60);
        Assert.Equal(200, State("target.json").Count);
        Assert.Contains("200 known already", (await RunAsync("adopt", _relay.Box, _relay.Site)).Output, StringComparison.Ordinal);
        Assert.Contains("0 of 0 files delivered", (await PushAsync()).Output, StringComparison.Ordinal);
        Assert.Empty(_relay.InBox("parts"));
    }

    [Fact]
    public async Task Stopped_pushes_are_pruned_and_what_waits_stays()
    {
        Fill();
        await PushAsync();
        string left = Path.Combine(_relay.Box, "parts/godwit/0123456789abcdef/x");
        Directory.CreateDirectory(left);
        await File.WriteAllTextAsync(Path.Combine(left, "aa"), "12345");
        Assert.Contains("freed 0 uploads", (await RunAsync("prune", _relay.Box)).Output, StringComparison.Ordinal);
        Assert.Contains("would free 1 upload, 5 B", (await RunAsync("prune", _relay.Box, "--older-than", "0s", "--dry-run")).Output, StringComparison.Ordinal);
        Assert.Contains("under way  1 file", (await RunAsync("status", _relay.Box)).Output, StringComparison.Ordinal);
        Assert.Contains("freed 1 upload, 5 B", (await RunAsync("prune", _relay.Box, "--older-than", "0s")).Output, StringComparison.Ordinal);
        await PullAsync();
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task Layouts_are_never_mixed_and_what_means_nothing_is_said()
    {
        Fill();
        await PushAsync();
        SortedDictionary<string, string> before = CommandLineFolder.Tree(_relay.Box);
        foreach (string[] verb in (string[][])[["push", _relay.Site, _relay.Box], ["pull", _relay.Box, _relay.Archive], ["status", _relay.Box], ["adopt", _relay.Box, _relay.Site]])
        {
            Answer answer = await _relay.RunAsync(["relay", .. verb], verb[0] is "push" or "pull" ? "state" : null);
            Assert.NotEqual(0, answer.Code);
            Assert.Contains("--layout cta-ingest", answer.Error, StringComparison.Ordinal);
        }

        Assert.Equal(before, CommandLineFolder.Tree(_relay.Box));
        foreach (string[] verb in (string[][])[["repair", _relay.Box], ["resend", _relay.Site, _relay.Box, "--state", "state"]])
        {
            Answer answer = await _relay.RunAsync(["relay", .. verb, Layout, "cta-ingest"]);
            Assert.Equal(2, answer.Code);
            Assert.Contains("means nothing with --layout cta-ingest", answer.Error, StringComparison.Ordinal);
        }

        Directory.Delete(_relay.Box, recursive: true);
        await RelayFolder.DoneAsync(_relay.PushAsync());
        Assert.Contains("is one of Godwit's own layout", (await PushAsync(2)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_files_do_not_take_a_write_of_a_state_file_each()
    {
        for (int i = 0; i < 300; i++)
        {
            _relay.Put($"file{i}", "content");
        }

        int writes = 0;
        var counting = new Godwit.Conformance.AtEachCall((call, moment, _) =>
        {
            bool isState = call.Verb == Godwit.Storage.StoreVerb.Write && moment == Godwit.Conformance.CallMoment.Before && call.Path.ToString().EndsWith(".json", StringComparison.Ordinal);
            _ = isState ? Interlocked.Increment(ref writes) : 0;
            return ValueTask.CompletedTask;
        });
        _relay.Wiring = _relay.Wiring with { DressStore = (store, side) => side == Godwit.Storage.StoreSide.Destination ? new Godwit.Storage.LayeredStore(store, counting) : store };
        await PushAsync();
        Assert.InRange(writes, 3, 700);
        Assert.Equal(300, State("upload.json").Count);
    }

    private void Fill()
    {
        _relay.Put("a", new string('a', 100_000));
        _relay.Put("b", "two");
        _relay.Put("empty", "");
        File.SetLastWriteTimeUtc(Path.Combine(_relay.Site, "a"), new DateTime(2025, 3, 1, 12, 34, 56, 123, 456, DateTimeKind.Utc).AddTicks(7));
    }

    private JsonObject State(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(_relay.Box, file)))!.AsObject();

    private Task<Answer> PushAsync(int expected = 0, params string[] options) => ExpectAsync(expected, _relay.PushAsync([.. options, Layout, "cta-ingest"]));

    private Task<Answer> PullAsync(int expected = 0, params string[] options) => ExpectAsync(expected, _relay.PullAsync([.. options, Layout, "cta-ingest"]));

    private Task<Answer> RunAsync(params string[] args) => ExpectAsync(0, _relay.RunAsync(["relay", .. args, Layout, "cta-ingest"]));

    private static async Task<Answer> ExpectAsync(int expected, Task<Answer> run)
    {
        Answer answer = await run;
        Assert.True(answer.Code == expected, $"{answer.Code}: {answer.Error}{answer.Output}");
        return answer;
    }
}
