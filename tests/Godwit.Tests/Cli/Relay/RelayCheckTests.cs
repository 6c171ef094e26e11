namespace Godwit.Tests.Cli.Relay;

/// <summary><c>godwit relay check</c>: what the box knows is held against either side, and nothing is changed.</summary>
public sealed class RelayCheckTests : IDisposable
{
    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Fact]
    public async Task What_was_delivered_and_is_gone_is_told_apart_from_what_waits()
    {
        foreach (string name in (string[])["same", "gone", "shorter", "waits"])
        {
            _relay.Put(name, "content of " + name);
        }

        await RelayFolder.DoneAsync(_relay.PushAsync("--exclude", "waits"));
        await RelayFolder.DoneAsync(_relay.PullAsync());
        await RelayFolder.DoneAsync(_relay.PushAsync());
        Assert.Equal(0, (await CheckAsync(_relay.Site)).Code);
        File.Delete(At("gone"));
        File.WriteAllText(At("shorter"), "short");
        File.WriteAllText(At("strange"), "strange");
        SortedDictionary<string, string>[] before = _relay.Trees();
        Answer answer = await CheckAsync(_relay.Archive);
        Assert.Equal(1, answer.Code);
        Assert.Matches("[+] gone: delivered 20.*, and not there\n", answer.Output);
        Assert.Contains("+ waits: it waits in the box, and is not there\n", answer.Output, StringComparison.Ordinal);
        Assert.Contains("* shorter: size differs", answer.Output, StringComparison.Ordinal);
        Assert.Contains("- strange: the box does not know it\n", answer.Output, StringComparison.Ordinal);
        Assert.Contains("1 the same, 1 differ, 2 only in the box, 1 only in the destination", answer.Output, StringComparison.Ordinal);
        Answer delivered = await CheckAsync(_relay.Archive, "--delivered", "--one-way", "--exclude", "shorter");
        Assert.DoesNotContain("waits", delivered.Output, StringComparison.Ordinal);
        Assert.Contains("1 the same, 0 differ, 1 only in the box, 0 only in the destination", delivered.Output, StringComparison.Ordinal);
        Assert.Equal(before, _relay.Trees());
    }

    [Fact]
    public async Task Contents_and_times_are_compared_where_that_is_asked_for()
    {
        _relay.Put("a", "one");
        _relay.Put("b", "two");
        var time = new DateTime(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Path.Combine(_relay.Site, "a"), time);
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(0, (await CheckAsync(_relay.Archive, "--checksum")).Code);
        File.WriteAllText(At("a"), "six");
        Assert.Equal(0, (await CheckAsync(_relay.Archive)).Code);
        Assert.Contains("* a: time differs", (await CheckAsync(_relay.Archive, "--compare", "mtime")).Output, StringComparison.Ordinal);
        File.SetLastWriteTimeUtc(At("a"), time);
        Assert.Equal(0, (await CheckAsync(_relay.Archive, "--compare", "mtime")).Code);
        Answer answer = await CheckAsync(_relay.Archive, "--checksum", "--json", "--differ", _relay.Folder.In("differ"));
        Assert.Equal(1, answer.Code);
        Assert.Equal("a\n", File.ReadAllText(_relay.Folder.In("differ")));
        Assert.Equal("differ", answer.Events.First(one => one.TryGetProperty("path", out var path) && path.GetString() == "a").GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task A_box_or_a_tree_that_is_not_there_is_an_error()
    {
        Assert.Equal(3, (await CheckAsync(_relay.Archive)).Code);
        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        Assert.Equal(3, (await CheckAsync(_relay.Archive)).Code);
        Assert.Equal(2, (await CheckAsync(_relay.Box)).Code);
    }

    private string At(string name) => Path.Combine(_relay.Archive, name);

    private Task<Answer> CheckAsync(string tree, params string[] options) => _relay.RunAsync(["relay", "check", _relay.Box, tree, .. options]);
}
