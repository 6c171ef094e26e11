using Godwit.Cli;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Tests.Transfers;
using Godwit.Transfers;
using Godwit.Transfers.Plan;

namespace Godwit.Tests.Cli;

/// <summary><c>--exclude-if-present</c>: a directory of the source that has such an entry is left out whole, and left alone at the destination.</summary>
public sealed class ExcludeIfPresentTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_marked_directory_is_left_out_whole_and_left_alone_at_the_destination()
    {
        _folder.Put("a/x", "one");
        _folder.Put("b/zz/.nobackup", "");
        _folder.Put("b/zz/!first", "one");
        _folder.Put("b/zz/deep/er/x", "one");
        _folder.Put("b/y", "one");
        PutThere("b/zz/deep/old", "x");
        PutThere("b/old", "x");
        Answer dry = await RunAsync("sync", "--dry-run");
        Assert.Contains("would delete b/old", dry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("b/zz", dry.Output, StringComparison.Ordinal);
        Answer answer = await RunAsync("sync", "--exclude-if-present", ".other");
        Assert.Equal(0, answer.Code);
        Assert.Contains("1 filtered", answer.Output, StringComparison.Ordinal);
        Assert.Equal(["a/x", "b/y", "b/zz/deep/old"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal(0, (await StatelessAsync(["check", _folder.Source, _folder.Destination, "--exclude-if-present", ".nobackup"])).Code);
        Answer listed = await StatelessAsync(["ls", "-r", _folder.Source, "--exclude-if-present", ".nobackup"]);
        Assert.DoesNotContain("zz", listed.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("move")).Code);
        Assert.Equal(["b/zz/!first", "b/zz/.nobackup", "b/zz/deep/er/x"], CommandLineFolder.Tree(_folder.Source).Keys);
    }

    [Fact]
    public async Task A_marked_root_leaves_out_everything()
    {
        _folder.Put(".nobackup", "");
        _folder.Put("a", "one");
        PutThere("old", "x");
        Answer answer = await RunAsync("sync", "--allow-empty-source");
        Assert.Equal(0, answer.Code);
        Assert.Contains("1 filtered", answer.Output, StringComparison.Ordinal);
        Assert.Equal(["old"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task A_bucket_is_listed_so_that_the_mark_is_known_before_what_sorts_before_it()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using var source = new MemoryStore(new MemorySpace(TimeProvider.System), "here", new MemoryStoreOptions { PageSize = 2 });
        await using var destination = new MemoryStore(new MemorySpace(TimeProvider.System), "there", new MemoryStoreOptions { PageSize = 2 });
        foreach (string key in (string[])["a/x", "b/!1", "b/!2", "b/!3", "b/!dir/x", "b/mark", "b/zz", "c/x", "d‛/mark", "d‛/x"])
        {
            await WriteAsync(source, key);
        }

        foreach (string key in (string[])["b/!2", "b/old", "c/old", "d‛/old"])
        {
            await WriteAsync(destination, key);
        }

        TransferRequest request = FlowTrial.Request(source, destination, TransferPolicy.Default with { Removal = new RemovalPolicy() }) with
        {
            Filter = new EntryFilter(_ => true, _ => true) { Marks = new NameSet([StorePath.FromText("mark")]) },
        };
        TransferResult result = await trial.RunAsync(request);
        Assert.Equal((TransferOutcome(result), 2, 1), ("Success", result.Totals.Delivered, result.Totals.Deleted));
        Assert.Equal(["a/x", "b/!2", "b/old", "c/x", "d‛/old"], await KeysAsync(destination));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("")]
    public async Task What_is_no_name_is_refused(string name)
    {
        Answer answer = await _folder.CopyAsync("--exclude-if-present", name);
        Assert.Equal(2, answer.Code);
        Assert.Contains("--exclude-if-present", answer.Error, StringComparison.Ordinal);
    }

    private static string TransferOutcome(TransferResult result) => result.Outcome.ToString();

    private static async Task WriteAsync(IStore store, string key) =>
        await store.WriteAsync(StorePath.FromText(key), WriteSource.From(new byte[3]), WriteOptions.Default, default);

    private static async Task<string[]> KeysAsync(IStore store)
    {
        var keys = new List<string>();
        await foreach (ListingChunk chunk in TreeListing.ReadAsync(store, new TreeListingOptions { OpenScratch = () => new MemoryStream() }, default))
        {
            keys.AddRange(chunk.Entries.Select(entry => entry.Path.ToString()));
        }

        return [.. keys.Order(StringComparer.Ordinal)];
    }

    private void PutThere(string name, string content)
    {
        string file = Path.Combine(_folder.Destination, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    private async Task<Answer> StatelessAsync(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)args, _folder.Wiring, output, error, default);
        return new Answer(code, output.ToString(), error.ToString());
    }

    private Task<Answer> RunAsync(string command, params string[] options) =>
        _folder.RunAsync([command, _folder.Source, _folder.Destination, "--exclude-if-present", ".nobackup", .. options]);
}
