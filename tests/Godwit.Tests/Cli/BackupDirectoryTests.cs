using Godwit.Conformance;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Tests.Cli;

/// <summary><c>--backup-dir</c>: what would be replaced or deleted is kept first, and nothing that was kept is replaced.</summary>
public sealed class BackupDirectoryTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    private string Aside => _folder.In("aside");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("HardLinks")]
    [InlineData("HardLinks,ServerCopy")]
    public async Task What_is_replaced_or_deleted_is_kept_whatever_the_store_can_do(string without)
    {
        _folder.Wiring = _folder.Wiring with { DressStore = (store, side) => side == StoreSide.Destination ? store.Without(without.Split(',', StringSplitOptions.RemoveEmptyEntries)) : store };
        _folder.Put("d/a", "newer");
        _folder.Put("same", "x");
        PutThere("d/a", "old");
        PutThere("gone/b", "gone");
        DateTime time = File.GetLastWriteTimeUtc(Path.Combine(_folder.Destination, "d/a"));
        Answer answer = await SyncAsync("--json");
        Assert.Equal(0, answer.Code);
        Assert.Equal(["d/a", "same"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal(new() { ["d/a"] = "old", ["gone/b"] = "gone" }, new Dictionary<string, string>(CommandLineFolder.Tree(Aside)));
        Assert.Equal(time, File.GetLastWriteTimeUtc(Path.Combine(Aside, "d/a")));
        Assert.Equal(
            ["d/a d/a", "gone/b gone/b"],
            answer.Events.Where(one => one.GetProperty("event").GetString() == "file.backed-up")
                .Select(one => $"{one.GetProperty("path")} {one.GetProperty("backup")}").Order(StringComparer.Ordinal));
        Assert.Equal(2, answer.Events[^1].GetProperty("totals").GetProperty("backed_up").GetInt64());
        await using SqliteLedger ledger = await SqliteLedger.OpenAsync(_folder.In("state"), TimeProvider.System, default);
        IReadOnlyList<Receipt> receipts = await ledger.ListDeliveredAsync(answer.Events[0].GetProperty("transfer").GetString()!, null, 9, default);
        Assert.Equal([StorePath.FromText(Path.Combine(Aside, "d/a")[1..]), null], receipts.Select(receipt => receipt.Backup));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HardLinks")]
    public async Task What_was_kept_before_is_never_replaced(string without)
    {
        _folder.Wiring = _folder.Wiring with { DressStore = (store, side) => side == StoreSide.Destination ? store.Without(without.Split(',', StringSplitOptions.RemoveEmptyEntries)) : store };
        PutThere("a", "0");
        foreach (string content in (string[])["one", "three", "fifth"])
        {
            _folder.Put("a", content);
            Assert.Equal(0, (await _folder.CopyAsync("--backup-dir", Aside)).Code);
        }

        Assert.Equal(["a", "a.~1~", "a.~2~"], CommandLineFolder.Tree(Aside).Keys);
        Assert.Equal(["0", "one", "three"], CommandLineFolder.Tree(Aside).Values);
        Assert.Equal("fifth", File.ReadAllText(Path.Combine(_folder.Destination, "a")));
    }

    [Fact]
    public async Task What_cannot_be_kept_is_neither_replaced_nor_deleted_and_the_others_go_on()
    {
        _folder.Put("a/x", "newer");
        _folder.Put("b", "newer");
        PutThere("a/x", "old");
        PutThere("b", "old");
        Directory.CreateDirectory(Aside);
        File.WriteAllText(Path.Combine(Aside, "a"), "in the way");
        Answer answer = await _folder.CopyAsync("--backup-dir", Aside);
        Assert.Equal(6, answer.Code);
        Assert.Contains("a/x", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["old", "newer"], CommandLineFolder.Tree(_folder.Destination).Values);
        Assert.Equal(["in the way", "old"], CommandLineFolder.Tree(Aside).Values);

        File.Delete(Path.Combine(_folder.Source, "a/x"));
        Answer sync = await SyncAsync();
        Assert.Equal(6, sync.Code);
        Assert.Equal("old", CommandLineFolder.Tree(_folder.Destination)["a/x"]);
    }

    [Fact]
    public async Task What_was_kept_lasts_before_anything_replaces_it()
    {
        _folder.Put("a", "newer");
        PutThere("a", "old");
        PutThere("b", "gone");
        var steps = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => side != StoreSide.Destination ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            {
                bool isAside = store.Identity.Root.ToString().EndsWith("aside", StringComparison.Ordinal);
                if (IsQuestion(call.Path))
                {
                    return ValueTask.CompletedTask;
                }

                if (moment == (isAside ? CallMoment.After : CallMoment.Before)
                    && call.Verb is StoreVerb.HardLink or StoreVerb.CompleteParts or StoreVerb.Delete || (isAside && call.Verb == StoreVerb.SyncPublished && moment == CallMoment.After))
                {
                    steps.Enqueue($"{call.Verb} {call.Path}");
                }

                return ValueTask.CompletedTask;
            })),
        };
        Assert.Equal(0, (await SyncAsync()).Code);
        Assert.Equal(["HardLink a", "SyncPublished a", "CompleteParts a", "HardLink b", "SyncPublished b", "Delete b"], steps);

        static bool IsQuestion(StorePath path) => path.ToString().EndsWith(".same-place", StringComparison.Ordinal);
    }

    /// <summary>Putting hundreds of files aside takes its time, above all as copies.</summary>
    [Fact]
    public async Task What_is_written_while_others_are_put_aside_is_kept_too_or_stays()
    {
        _folder.Put("a", "newer");
        PutThere("a", "old");
        PutThere("b", "gone");
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => side != StoreSide.Destination ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            {
                bool isAside = store.Identity.Root.ToString().EndsWith("aside", StringComparison.Ordinal);
                if (isAside && call.Verb == StoreVerb.SyncPublished && moment == CallMoment.After)
                {
                    string name = File.Exists(Path.Combine(Aside, "b")) ? "b" : "a";
                    File.Delete(Path.Combine(_folder.Destination, name));
                    PutThere(name, "a stranger's");
                }

                return ValueTask.CompletedTask;
            })),
        };
        Assert.Equal(0, (await SyncAsync()).Code);
        Assert.Equal(new() { ["a"] = "newer", ["b"] = "a stranger's" }, new Dictionary<string, string>(CommandLineFolder.Tree(_folder.Destination)));
        Assert.Equal(new() { ["a"] = "old", ["a.~1~"] = "a stranger's", ["b"] = "gone" }, new Dictionary<string, string>(CommandLineFolder.Tree(Aside)));
    }

    [Fact]
    public async Task Links_are_kept_as_links()
    {
        _folder.Put("a", "newer");
        Directory.CreateDirectory(_folder.Destination);
        File.CreateSymbolicLink(Path.Combine(_folder.Destination, "a"), "nowhere");
        Assert.Equal(0, (await _folder.CopyAsync("--backup-dir", Aside)).Code);
        Assert.Equal("nowhere", new FileInfo(Path.Combine(Aside, "a")).LinkTarget);
        Assert.Equal("newer", File.ReadAllText(Path.Combine(_folder.Destination, "a")));
    }

    [Fact]
    public async Task A_link_that_is_made_anew_keeps_what_it_replaces()
    {
        File.CreateSymbolicLink(Path.Combine(_folder.Source, "l"), "there");
        PutThere("l", "old");
        Assert.Equal(0, (await _folder.CopyAsync("--links", "keep", "--backup-dir", Aside)).Code);
        Assert.Equal("old", CommandLineFolder.Tree(Aside)["l"]);
        Assert.Equal("there", new FileInfo(Path.Combine(_folder.Destination, "l")).LinkTarget);
    }

    [Fact]
    public async Task A_dry_run_says_how_many_and_keeps_nothing()
    {
        _folder.Put("a", "newer");
        PutThere("a", "old");
        PutThere("b", "gone");
        Answer answer = await SyncAsync("--dry-run");
        Assert.Contains("2 would be put aside", answer.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Aside));
    }

    [Theory]
    [InlineData("dst/aside", "lies in DST")]
    [InlineData("dst", "lies in DST")]
    [InlineData(".", "lies around DST")]
    [InlineData("src/aside", "lies in SRC")]
    public async Task A_directory_in_or_around_the_ends_is_refused(string name, string says)
    {
        _folder.Put("a", "one");
        Answer answer = await _folder.CopyAsync("--backup-dir", _folder.In(name));
        Assert.Equal(2, answer.Code);
        Assert.Contains(says, answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
    }

    [Fact]
    public async Task A_directory_of_another_system_is_refused()
    {
        _folder.Put("a", "one");
        Answer answer = await _folder.CopyAsync("--backup-dir", "s3://elsewhere/old", "--s3-endpoint", "http://127.0.0.1:9");
        Assert.Equal(2, answer.Code);
        Assert.Contains("not in the same system", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_file_keeps_what_it_replaces()
    {
        _folder.Put("a", "newer");
        PutThere("b", "old");
        string aside = Path.Combine(_folder.Destination, "aside");
        string[] command = ["copy", Path.Combine(_folder.Source, "a"), Path.Combine(_folder.Destination, "b"), "--backup-dir"];
        Assert.Equal(2, (await _folder.RunAsync([.. command, _folder.Destination])).Code);
        Assert.Equal(0, (await _folder.RunAsync([.. command, aside])).Code);
        Assert.Equal("old", CommandLineFolder.Tree(aside)["b"]);
    }

    private void PutThere(string name, string content)
    {
        string file = Path.Combine(_folder.Destination, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    private Task<Answer> SyncAsync(params string[] options) =>
        _folder.RunAsync(["sync", _folder.Source, _folder.Destination, "--backup-dir", Aside, .. options]);
}
