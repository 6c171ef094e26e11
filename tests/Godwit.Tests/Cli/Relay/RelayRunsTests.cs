using System.Text.Json;
using Godwit.Backends.DropBox;
using Godwit.Backends.Local;
using Godwit.Cli.Relay;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Relay;

/// <summary>What the two sides of a relay see of each other's runs.</summary>
public sealed class RelayRunsTests : IDisposable
{
    private static readonly Timestamp s_now = new(1_800_000_000_000_000_000);

    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Fact]
    public async Task Status_tells_how_the_newest_run_of_each_side_went()
    {
        _relay.Put("a", new string('a', 5_000));
        _relay.Put("b", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        string host = Environment.MachineName;
        Assert.Matches($"\npush       {host}: 2 files, 4[.]8[0-9] KiB at [^\n]*/s, [0-9.]+s ago\npull       {host}: 2 files, [^\n]*/s, [0-9.]+s ago\n$", await StatusAsync());
        JsonElement json = await JsonAsync();
        Assert.Equal(["push ended 0 2", "pull ended 0 2"], json.GetProperty("runs").EnumerateArray().Select(run =>
            $"{run.GetProperty("half").GetString()} {run.GetProperty("state").GetString()} {Number(run, "exit")} {Number(run, "delivered")}"));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("seconds_left").ValueKind);
    }

    [Fact]
    public async Task Who_pushes_sees_what_failed_where_it_was_pulled()
    {
        _relay.Put("a", "one");
        _relay.Put("b", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        Directory.CreateDirectory(Path.Combine(_relay.Archive, "a", "in-the-way"));
        Assert.Equal(6, (await _relay.PullAsync()).Code);
        Assert.Matches("\npull       [^\n]*: 1 file, 3 B[^\n]*, 1 file failed [(]exit 6[)], [0-9.]+s ago: DST has a directory \"a\"[^\n]*\n$", await StatusAsync());
        JsonElement pull = (await JsonAsync()).GetProperty("runs")[1];
        Assert.Equal("6 1", $"{Number(pull, "exit")} {Number(pull, "failed")}");
    }

    [Fact]
    public async Task Who_pushes_sees_that_the_other_host_does_not_reach_its_destination()
    {
        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        _relay.Wiring = _relay.Wiring with { Environment = name => name == "GODWIT_SSH_COMMAND" ? "/bin/false" : null };
        Answer pulled = await _relay.RunAsync(["relay", "pull", _relay.Box, "sftp://nowhere/archive"], "pulling");
        Assert.Equal(7, pulled.Code);
        Assert.Matches("\npull       [^\n]*: nothing went [(]exit 7[)], [0-9.]+s ago: [^\n]*nowhere[^\n]*\n$", await StatusAsync());
    }

    [Fact]
    public async Task A_run_with_nothing_to_do_keeps_when_something_was_delivered_and_how_fast()
    {
        _relay.Put("a", new string('a', 5_000));
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        JsonElement before = (await JsonAsync()).GetProperty("runs")[1];
        await RelayFolder.DoneAsync(_relay.PullAsync());
        JsonElement after = (await JsonAsync()).GetProperty("runs")[1];
        Assert.Equal(0, Number(after, "delivered"));
        Assert.Equal(before.GetProperty("last_delivery").GetString(), after.GetProperty("last_delivery").GetString());
        Assert.Equal(Number(before, "rate"), Number(after, "rate"));
        Assert.Matches("\npull       [^\n]*: nothing to do, [0-9.]+s ago\n$", await StatusAsync());
    }

    [Fact]
    public async Task A_dry_run_says_nothing_and_a_run_that_is_refused_hides_none_that_goes_on()
    {
        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        string[] said = _relay.InBox("runs");
        SortedDictionary<string, string> before = CommandLineFolder.Tree(_relay.Box);
        await RelayFolder.DoneAsync(_relay.PushAsync("--dry-run"));
        await RelayFolder.DoneAsync(_relay.PullAsync("--dry-run"));
        Assert.Equal(2, (await _relay.PullAsync("--transfers", "0")).Code);
        Assert.Equal(before, CommandLineFolder.Tree(_relay.Box));
        Assert.StartsWith($"runs/push-{Environment.MachineName}-", Assert.Single(said), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("godwit", "files/b!")]
    [InlineData("cta-ingest", "parts/*/b/aa")]
    public async Task One_file_that_is_damaged_in_the_box_hides_no_count(string layout, string damaged)
    {
        _relay.Put("a", "one");
        _relay.Put("b", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync("--layout", layout));
        string file = Directory.EnumerateFiles(_relay.Box, Path.GetFileName(damaged), SearchOption.AllDirectories).Single(
            path => damaged.StartsWith("files", StringComparison.Ordinal) || path.EndsWith("/b/aa", StringComparison.Ordinal));
        await File.WriteAllTextAsync(file, "no");
        if (layout == "cta-ingest")
        {
            File.Delete(file);
        }

        Answer told = await _relay.RunAsync(["relay", "status", _relay.Box, "--layout", layout]);
        Assert.Equal(6, told.Code);
        Assert.Matches("^waiting    1 file, 3 B [^\n]*, and what cannot be told\n", told.Output);
        Assert.Contains("\"b\"", told.Error, StringComparison.Ordinal);
        Answer json = await _relay.RunAsync(["relay", "status", _relay.Box, "--json", "--layout", layout]);
        Assert.False(json.Events[0].GetProperty("complete").GetBoolean());
    }

    [Fact]
    public void A_pull_that_goes_on_tells_how_long_it_still_takes()
    {
        DropBoxRun run = Run("relay1", isPull: true) with { Delivered = 3, Bytes = 3000, Rate = 100 };
        string line = Assert.Single(new RelayRuns([run], s_now).Lines(6000));
        Assert.Equal("pull       relay1: 3 files, 2.93 KiB at 100 B/s, running for 30s, about 1m00s left", line);
        string lost = Assert.Single(new RelayRuns([run with { At = Before(3600) }], s_now).Lines(6000));
        Assert.Equal("pull       relay1: 3 files, 2.93 KiB at 100 B/s, then nothing was heard of it for 1h00m", lost);
        string begun = Assert.Single(new RelayRuns([Run("site\u001b[1m", isPull: false)], s_now).Lines(6000));
        Assert.Equal("push       site\\x1b[1m: nothing delivered yet, running for 30s", begun);
    }

    [Fact]
    public async Task Old_words_go_but_for_the_newest_of_each_half_and_what_cannot_be_read_is_passed_over()
    {
        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync("--quiet"));
        await using var store = LocalStore.In(_relay.Box);
        var runs = new DropBoxRuns(store);
        foreach ((string host, bool isPull) in new[] { ("old", true), ("older", true), ("../../x", false) })
        {
            long age = host.Length * 100_000;
            await runs.WriteAsync(Run(host, isPull) with { At = Before(age) }, default);
        }

        await File.WriteAllTextAsync(Path.Combine(_relay.Box, "runs", "pull-broken"), "{");
        await runs.ForgetAsync(Before(1), default);
        Assert.Equal(["old"], (await runs.ListAsync(default)).Where(run => run.IsPull).Select(run => run.Host));
        Assert.Equal(["runs/pull-broken", "runs/pull-old-1a", "runs/push-.._.._x-1a"], _relay.InBox("runs"));
    }

    private static DropBoxRun Run(string host, bool isPull) => new(host, isPull, "1a") { Began = Before(30), At = s_now };

    private static Timestamp Before(long seconds) => new(s_now.Nanoseconds - (seconds * 1_000_000_000));

    private static long Number(JsonElement json, string name) => (long)json.GetProperty(name).GetDouble();

    private async Task<string> StatusAsync() => (await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "status", _relay.Box]))).Output;

    private async Task<JsonElement> JsonAsync() =>
        (await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "status", _relay.Box, "--json"]))).Events[0];
}
