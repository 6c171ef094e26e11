using System.Globalization;
using System.Text.RegularExpressions;

namespace Godwit.Tests.Cli.Relay;

/// <summary><c>godwit relay status</c>, <c>ls</c> and <c>show</c>: what the box has, from either side, without changing anything.</summary>
public sealed class RelayLookTests : IDisposable
{
    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Fact]
    public async Task Status_tells_what_waits_and_what_was_delivered()
    {
        _relay.Put("night1/a!/text", new string('a', 5_000));
        _relay.Put("b", "two");
        _relay.Put("empty", "");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        Assert.Matches(
            "^waiting    3 files, 4[.]89 KiB [(][0-9]+ B in the box[)], the oldest for [0-9.]+s\nunder way  0 files\ndelivered  0 files\npush       [^\n]*\n$", await StatusAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync("--path", "b"));
        Directory.CreateDirectory(Path.Combine(_relay.Box, "data", "0123"));
        string status = await StatusAsync();
        Assert.StartsWith("waiting    2 files", status, StringComparison.Ordinal);
        Assert.Contains("under way  1 file, or left", status, StringComparison.Ordinal);
        Assert.Matches("delivered  1 file, the last one [0-9.]+s ago", status);
        Answer json = await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "status", _relay.Box, "--json"]));
        Assert.Equal(
            ["waiting 2", "waiting_bytes 5000", "under_way 1", "delivered 1"],
            ((string[])["waiting", "waiting_bytes", "under_way", "delivered"]).Select(
                name => string.Create(CultureInfo.InvariantCulture, $"{name} {json.Events[0].GetProperty(name).GetInt64()}")));
    }

    [Fact]
    public async Task A_list_shows_what_waits_and_if_asked_what_was_delivered()
    {
        _relay.Put("night1/a!/x", "one");
        _relay.Put("night1/b", "two");
        _relay.Put("c", "three");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync("--path", "night1/b"));
        Assert.Equal(["waiting 5 c", "waiting 3 night1/a!/x"], await ListAsync());
        Assert.Equal(["delivered 3 night1/b", "waiting 3 night1/a!/x", "waiting 5 c"], (await ListAsync("--all")).Order(StringComparer.Ordinal));
        Assert.Equal(["waiting 3 night1/a!/x"], await ListAsync("night1/"));
        Assert.Equal(["waiting 3 night1/a!/x"], await ListAsync("night1/a!"));
        Assert.Equal(["waiting 5 c"], await ListAsync("c"));
        Assert.Empty(await ListAsync("night1/b"));
        Assert.Equal(["delivered 3 night1/b"], await ListAsync("night1/b", "--all"));
        Answer json = await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "ls", _relay.Box, "--json"]));
        Assert.All(json.Events, one => Assert.Equal("waiting", one.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task All_that_the_box_knows_of_a_file_is_shown()
    {
        _relay.Put("night1/a", new string('a', 5_000));
        await RelayFolder.DoneAsync(_relay.PushAsync());
        Answer waiting = await ShowAsync("night1/a");
        Assert.Matches(
            "^path       night1/a\nstate      waiting\nbytes      5000\ncrc64nvme  [0-9a-f]{16}\nmodified   .*\npushed     .*\nstored     [0-9]+ bytes in 1 part, zstd\n$",
            waiting.Output);
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Matches("state      delivered\n(.*\n)*delivered  .*\nstored .*; freed\n$", (await ShowAsync("night1/a")).Output);
        Answer json = await ShowAsync("night1/a", "--json");
        Assert.Equal("delivered", json.Events[0].GetProperty("state").GetString());
        Assert.Equal(4, (await _relay.RunAsync(["relay", "show", _relay.Box, "night1/other"])).Code);
        Assert.Equal(2, (await _relay.RunAsync(["relay", "show", _relay.Box, "../a"])).Code);
    }

    [Fact]
    public async Task Looking_changes_nothing_and_needs_a_box()
    {
        foreach (string[] look in (string[][])[["status"], ["ls"], ["show", "a"]])
        {
            string[] args = ["relay", look[0], _relay.Box, .. look[1..]];
            Assert.Equal(3, (await _relay.RunAsync(args)).Code);
            Assert.False(Directory.Exists(_relay.Box));
        }

        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        SortedDictionary<string, string>[] before = _relay.Trees();
        await StatusAsync();
        await ListAsync("--all");
        await ShowAsync("a");
        Assert.Equal(before, _relay.Trees());
    }

    [Fact]
    public async Task What_is_resent_waits_again_though_it_was_delivered()
    {
        _relay.Put("a", "one");
        _relay.Put("b", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        SortedDictionary<string, string>[] before = _relay.Trees();
        string[] resend = ["relay", "resend", _relay.Site, _relay.Box, "--path", "a"];
        Answer dry = await RelayFolder.DoneAsync(_relay.RunAsync([.. resend, "--dry-run"], "pushing"));
        Assert.Contains("1 file will be sent", dry.Output, StringComparison.Ordinal);
        Assert.Contains("0 of 0 files", (await RelayFolder.DoneAsync(_relay.PushAsync())).Output, StringComparison.Ordinal);
        await RelayFolder.DoneAsync(_relay.RunAsync(resend, "pushing"));
        Assert.Equal(before, _relay.Trees());
        Assert.Contains("1 of 1 file delivered", (await RelayFolder.DoneAsync(_relay.PushAsync())).Output, StringComparison.Ordinal);
        Assert.Equal(["waiting 3 a"], await ListAsync());
        File.Delete(Path.Combine(_relay.Archive, "a"));
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    private async Task<string> StatusAsync() => (await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "status", _relay.Box]))).Output;

    private async Task<string[]> ListAsync(params string[] args)
    {
        Answer answer = await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "ls", _relay.Box, .. args]));
        return
        [
            .. answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Regex.Match(line, @"^(\w+) +(\d+) \S+ +(.*)$"))
                .Select(match => $"{match.Groups[1]} {match.Groups[2]} {match.Groups[3]}"),
        ];
    }

    private Task<Answer> ShowAsync(string path, params string[] options) =>
        RelayFolder.DoneAsync(_relay.RunAsync(["relay", "show", _relay.Box, path, .. options]));
}
