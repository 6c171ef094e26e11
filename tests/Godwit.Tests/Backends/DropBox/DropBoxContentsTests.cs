using Godwit.Backends.DropBox;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox;

/// <summary>What a bucket's box tells to people, over several pages.</summary>
public sealed class DropBoxContentsTests
{
    private readonly BoxInMemory _box = new();

    [Fact]
    public async Task What_waits_and_what_was_delivered_is_told_over_all_pages_of_a_bucket()
    {
        await FillAsync();
        var contents = new DropBoxContents(_box.Inner);
        Assert.Equal(Names("b!", 25), await PathsAsync(contents.WaitingAsync(StorePath.Root, default)));
        Assert.Equal(Names("a", 25), await PathsAsync(contents.DeliveredAsync(StorePath.Root, default)));
        Assert.Equal(Names("b!", 25), await PathsAsync(contents.WaitingAsync(StorePath.FromText("b!"), default)));
        Assert.Empty(await PathsAsync(contents.WaitingAsync(StorePath.FromText("a"), default)));
        Assert.Equal(25, await contents.CountPayloadsAsync(default));
        (long files, Timestamp? last) = await contents.CountDeliveredAsync(default);
        Assert.Equal(25, files);
        Assert.NotNull(last);
        Assert.Null((await contents.FindAsync(StorePath.FromText("b!/01"), default))!.Delivered);
        Assert.NotNull((await contents.FindAsync(StorePath.FromText("a/01"), default))!.Delivered);
    }

    [Fact]
    public async Task Counting_what_was_delivered_reads_no_record()
    {
        await FillAsync();
        var calls = new BoxInMemory.Calls();
        await new DropBoxContents(new LayeredStore(_box.Inner, calls)).CountDeliveredAsync(default);
        Assert.All(calls.Seen, call => Assert.Equal(StoreVerb.ListBelow, call.Verb));
        Assert.Equal(3, calls.Seen.Count);
    }

    [Fact]
    public async Task Leftovers_are_found_among_what_waits_in_a_bucket()
    {
        await FillAsync();
        await _box.PutAsync("data/left/00000001", "left");
        await _box.PutAsync("data/left/00000002", "over");
        var leftovers = new DropBoxLeftovers(_box.Inner);
        Assert.Empty(await leftovers.FindAsync(default, default));
        var later = Timestamp.From(TimeProvider.System.GetUtcNow().AddDays(1));
        DropBoxLeftover one = Assert.Single(await leftovers.FindAsync(later, default));
        Assert.Equal(("left", 8), (one.Id, one.Bytes));
        string[] before = await AllAsync();
        await leftovers.RemoveAsync(one, default);
        Assert.Equal(["data/left/00000001", "data/left/00000002"], before.Except(await AllAsync()));
    }

    private static string[] Names(string directory, int count) => [.. Enumerable.Range(0, count).Select(i => $"{directory}/{i:00}")];

    private static async Task<string[]> PathsAsync(IAsyncEnumerable<DropBoxFile> files)
    {
        var paths = new List<string>();
        await foreach (DropBoxFile file in files)
        {
            paths.Add(file.Path.ToString());
        }

        return [.. paths.Order(StringComparer.Ordinal)];
    }

    private async Task<string[]> AllAsync()
    {
        var names = new List<string>();
        ListPosition? position = null;
        do
        {
            StorePage page = await _box.Inner.FlatListing!.ListBelowAsync(StorePath.Root, position, default);
            names.AddRange(page.Entries.Select(entry => entry.Path.ToString()));
            position = page.Next;
        }
        while (position is not null);
        return [.. names];
    }

    private async Task FillAsync()
    {
        DropBoxStore box = _box.Open();
        foreach (string name in Names("a", 25).Concat(Names("b!", 25)))
        {
            await box.WriteAsync(StorePath.FromText(name), WriteSource.From(BoxInMemory.Text(100)), WriteOptions.Default, default);
        }

        foreach (string name in Names("a", 25))
        {
            await box.DeleteAsync(StorePath.FromText(name), default);
        }
    }
}
