namespace Godwit.Tests.Cli.Relay;

/// <summary>What cannot be relayed is refused before anything is written, and cron can tell by the exit code.</summary>
public sealed class RelayUsageTests : IDisposable
{
    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Theory]
    [InlineData("relay push {site} {site}/box", "the drop box is inside it")]
    [InlineData("relay push {site}/d {site}", "it is inside the drop box")]
    [InlineData("relay push {site} {site}/", "are the same place")]
    [InlineData("relay pull {site} {site}/d", "it is inside the drop box")]
    [InlineData("relay pull {site}/d {site}", "the drop box is inside it")]
    [InlineData("relay push {site} box --level 20", "--level is \"20\": write a number from 1 to 19")]
    [InlineData("relay push {site} box --links keep", "there is no option \"--links\"")]
    [InlineData("relay pull {site} dst --path /", "--path is \"/\"")]
    [InlineData("relay pull {site} {site}/../src2 --compare ledger", "--compare ledger")]
    [InlineData("relay push {site} {box} --report {box}/godwit-relay.json", "lies inside the drop box, where nothing else may be")]
    [InlineData("relay push {site} {box} --log-file {box}/log", "lies inside the drop box, where nothing else may be")]
    [InlineData("relay pull {box} dst --failed {box}/failed", "lies inside the drop box, where nothing else may be")]
    [InlineData("relay push {site} {box} --layout other", "--layout is \"other\": write one of godwit, cta-relay, cta-ingest")]
    [InlineData("relay push {site} {box} --layout cta-relay", "--layout cta-relay is for buckets")]
    [InlineData("relay pull {box} dst --layout cta-relay", "--layout cta-relay is for buckets")]
    [InlineData("relay", "a command is missing")]
    public async Task What_cannot_be_meant_is_wrong_usage(string command, string why)
    {
        _relay.Put("d/a", "one");
        Directory.CreateDirectory(_relay.Box);
        string[] args =
        [
            .. command.Split(' ').Select(word => word.Replace("{site}", _relay.Site, StringComparison.Ordinal).Replace("{box}", _relay.Box, StringComparison.Ordinal)),
        ];
        Answer answer = await _relay.RunAsync(args, args.Length == 1 ? null : "state");
        Assert.Equal(2, answer.Code);
        Assert.Contains(why, answer.Error, StringComparison.Ordinal);
        Assert.Equal(["d/a"], CommandLineFolder.Tree(_relay.Site).Keys);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_relay.Box));
    }

    [Fact]
    public async Task A_box_that_is_not_there_is_an_error_for_who_takes_out()
    {
        Answer answer = await _relay.PullAsync();
        Assert.Equal(3, answer.Code);
        Assert.Contains("The drop box", answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_relay.Archive));
    }

    [Fact]
    public async Task An_empty_directory_is_a_box_where_nothing_waits()
    {
        Directory.CreateDirectory(_relay.Box);
        Assert.Contains("nothing waits", (await RelayFolder.DoneAsync(_relay.PullAsync())).Output, StringComparison.Ordinal);
        Assert.Equal(9, (await _relay.PullAsync("--error-on-no-transfer")).Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_relay.Box));
    }

    [Fact]
    public async Task Damage_in_the_box_is_told_and_the_other_files_arrive()
    {
        _relay.Put("a", "one");
        _relay.Put("b", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        string record = File.ReadAllText(Path.Combine(_relay.Box, "files", "a!"));
        string id = System.Text.Json.JsonDocument.Parse(record).RootElement.GetProperty("id").GetString()!;
        File.WriteAllText(Path.Combine(_relay.Box, "data", id, "00000001"), "six");
        Answer answer = await _relay.PullAsync("--failed", _relay.Folder.In("failed"));
        Assert.InRange(answer.Code, 5, 6);
        Assert.Contains("1 file FAILED", answer.Output, StringComparison.Ordinal);
        Assert.Equal("a", File.ReadAllText(_relay.Folder.In("failed")).TrimEnd());
        Assert.Equal(["b"], CommandLineFolder.Tree(_relay.Archive).Keys);
    }

    [Fact]
    public async Task Quiet_runs_say_nothing_while_all_is_well()
    {
        _relay.Put("a", "one");
        foreach (Answer answer in new[] { await _relay.PushAsync("--quiet"), await _relay.PullAsync("--quiet") })
        {
            Assert.Equal(new Answer(0, "", ""), answer);
        }
    }
}
