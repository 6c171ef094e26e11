namespace Godwit.Tests.Cli.Relay;

/// <summary><c>godwit relay prune</c>: only what no waiting file has is freed.</summary>
public sealed class RelayPruneTests : IDisposable
{
    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Fact]
    public async Task Only_old_bytes_that_no_waiting_file_has_are_freed()
    {
        _relay.Put("night!/waiting", "one");
        _relay.Put("delivered", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync("--path", "delivered"));
        string delivered = IdOf("files/delivered!");

        // An upload that stopped, a delivery that stopped before its marker went, an upload that goes on, and an older version's.
        Leave("data/stopped1/00000001");
        Leave($"data/{delivered}/00000001");
        Leave($"pending/delivered!{delivered}");
        Leave("data/underway/00000001");
        Leave("data/underway/00000002");
        Leave("data/replaced/00000001");
        Leave("pending/night!!/waiting!replaced");
        DateTime now = TimeProvider.System.GetUtcNow().UtcDateTime;
        foreach (string file in Directory.EnumerateFiles(_relay.Box, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, now.AddDays(-8));
        }

        File.SetLastWriteTimeUtc(Path.Combine(_relay.Box, "data/underway/00000002"), now);
        SortedDictionary<string, string>[] before = _relay.Trees();
        Answer dry = await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "prune", _relay.Box, "--dry-run"]));
        Assert.Equal("dry run, nothing was changed; would free 3 uploads, 12 B\n", dry.Output);
        Answer later = await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "prune", _relay.Box, "--older-than", "9d"]));
        Assert.Equal("freed 0 uploads, 0 B\n", later.Output);
        Assert.Equal(before, _relay.Trees());
        Assert.Equal("freed 3 uploads, 12 B\n", (await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "prune", _relay.Box]))).Output);
        string waiting = IdOf("files/night!!/waiting!");
        Assert.Equal(
            ((string[])[$"data/{waiting}/00000001", "data/underway/00000001", "data/underway/00000002"]).Order(StringComparer.Ordinal), _relay.InBox("data"));
        Assert.Equal([$"pending/night!!/waiting!{waiting}"], _relay.InBox("pending"));
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task Where_a_record_cannot_be_read_its_bytes_stay()
    {
        _relay.Put("a", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        File.WriteAllText(Path.Combine(_relay.Box, "files", "a!"), "{");
        Answer answer = await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "prune", _relay.Box, "--older-than", "0s"]));
        Assert.Equal("freed 0 uploads, 0 B\n", answer.Output);
        Assert.Single(_relay.InBox("data"));
    }

    private void Leave(string name)
    {
        string file = Path.Combine(_relay.Box, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, name.StartsWith("data", StringComparison.Ordinal) ? "left" : "");
    }

    private string IdOf(string record) =>
        System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(_relay.Box, record))).RootElement.GetProperty("id").GetString()!;
}
