using Godwit.Storage;

namespace Godwit.Tests.Cli.Relay;

/// <summary><c>godwit relay adopt</c>: what is at its destination already counts as delivered, and nothing of it is sent.</summary>
public sealed class RelayAdoptTests : IDisposable
{
    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_adopted_is_not_sent_and_what_changed_is(bool withChecksums)
    {
        FillBothSides();
        string[] options = withChecksums ? ["--checksum", "--bandwidth", "100MiB", "--transfers", "2"] : [];
        Answer adopted = await AdoptAsync(options);
        Assert.Equal("counted 4 files (9.06 MiB) as delivered; 0 known already\n", adopted.Output);
        Assert.Equal("counted 0 files (0 B) as delivered; 4 known already\n", (await AdoptAsync(options)).Output);
        Assert.Empty(_relay.InBox("data"));
        Assert.Equal(4, _relay.InBox("done").Length);
        SortedDictionary<string, string>[] before = _relay.Trees();
        Answer pushed = await RelayFolder.DoneAsync(_relay.PushAsync("--part-size", "1MiB"));
        Assert.Contains("0 of 0 files delivered", pushed.Output, StringComparison.Ordinal);
        Assert.Contains("4 unchanged", pushed.Output, StringComparison.Ordinal);
        Assert.Equal(before, _relay.Trees());
        Assert.Contains("nothing waits", (await RelayFolder.DoneAsync(_relay.PullAsync())).Output, StringComparison.Ordinal);
        _relay.Put("night/a", "one and more");
        Assert.Contains("1 of 1 file delivered", (await RelayFolder.DoneAsync(_relay.PushAsync())).Output, StringComparison.Ordinal);
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
    }

    [Fact]
    public async Task Nothing_of_an_adopted_file_is_written_into_the_box_by_a_push()
    {
        FillBothSides();
        await AdoptAsync();
        var written = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var watching = new Godwit.Conformance.AtEachCall((call, moment, _) =>
        {
            if (moment == Godwit.Conformance.CallMoment.Before && call.Verb is StoreVerb.Write or StoreVerb.WritePart)
            {
                written.Enqueue(call.Path.ToString());
            }

            return ValueTask.CompletedTask;
        });
        _relay.Wiring = _relay.Wiring with { DressStore = (store, side) => side == StoreSide.Destination ? new LayeredStore(store, watching) : store };
        await RelayFolder.DoneAsync(_relay.PushAsync("--part-size", "1MiB"));
        Assert.DoesNotContain(written, path => path.StartsWith("data/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_checksums_a_file_of_another_time_is_sent_and_with_them_it_is_not()
    {
        FillBothSides();
        await AdoptAsync();
        File.SetLastWriteTimeUtc(Path.Combine(_relay.Site, "night", "a"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Contains("1 of 1 file delivered", (await RelayFolder.DoneAsync(_relay.PushAsync())).Output, StringComparison.Ordinal);
        Directory.Delete(_relay.Box, recursive: true);
        Directory.Delete(_relay.Folder.In("pushing"), recursive: true);
        await AdoptAsync("--checksum");
        Assert.Contains("4 unchanged", (await RelayFolder.DoneAsync(_relay.PushAsync())).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_box_knows_stays_and_a_dry_run_changes_nothing()
    {
        FillBothSides();
        SortedDictionary<string, string>[] untouched = [CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive)];
        Answer dry = await AdoptAsync("--dry-run", "--checksum");
        Assert.Equal("dry run, nothing was changed; would count 4 files (9.06 MiB) as delivered; 0 known already\n", dry.Output);
        Assert.False(Directory.Exists(_relay.Box));
        await RelayFolder.DoneAsync(_relay.PushAsync("--include", "night/**"));
        Assert.Equal("counted 1 file (4 B) as delivered; 0 known already\n", (await AdoptAsync("--include", "b")).Output);
        Assert.Equal("counted 1 file (9.06 MiB) as delivered; 3 known already\n", (await AdoptAsync()).Output);
        Assert.Equal(2, _relay.InBox("pending").Length);
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(untouched, [CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive)]);
        Assert.Matches("stored     never", (await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "show", _relay.Box, "b"]))).Output);
        Assert.Equal(0, (await _relay.RunAsync(["relay", "check", _relay.Box, _relay.Archive])).Code);
    }

    private Task<Answer> AdoptAsync(params string[] options) =>
        RelayFolder.DoneAsync(_relay.RunAsync(["relay", "adopt", _relay.Box, _relay.Archive, .. options]));

    private void FillBothSides()
    {
        _relay.Put("night/a", "one");
        _relay.Put("night/empty", "");
        _relay.Put("b", "four");
        _relay.Put("large", new string('l', 9_500_000));
        foreach (string file in Directory.EnumerateFiles(_relay.Site, "*", SearchOption.AllDirectories))
        {
            string there = Path.Combine(_relay.Archive, Path.GetRelativePath(_relay.Site, file));
            Directory.CreateDirectory(Path.GetDirectoryName(there)!);
            File.Copy(file, there);

            // What can be set here is coarser than what a write leaves.
            File.SetLastWriteTimeUtc(file, new DateTime(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc));
            File.SetLastWriteTimeUtc(there, File.GetLastWriteTimeUtc(file));
        }
    }
}
