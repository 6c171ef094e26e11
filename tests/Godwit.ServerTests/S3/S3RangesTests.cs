using Godwit.Backends.S3;
using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.ServerTests.S3;

/// <summary>A large bucket, listed by ranges on a real gateway.</summary>
public sealed class S3RangesTests
{
    [Fact]
    public async Task Ranges_of_a_bucket_give_what_one_listing_gives()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        string[] names = [.. Enumerable.Range(0, 600).Select(i => (i % 5) switch
        {
            0 => $"raw/{i / 50:D2}/a b+{i}",
            1 => $"raw/{i / 50:D2}/é{i}",
            2 => $"{i / 100}/<&>{i}",
            3 => $"flat{i}",
            _ => $"数据/{i / 20}/{i}",
        })];
        await Parallel.ForEachAsync(names, async (name, ct) =>
            await bucket.Store.WriteAsync(StorePath.FromText(name), WriteSource.From(Array.Empty<byte>()), WriteOptions.Default, ct));
        await using S3Store small = bucket.Open(options => options with { PageSize = 20 });
        List<string> alone = await ReadAsync(small, 1);
        List<string> ranges = await ReadAsync(small, 8);
        Assert.Equal(names.Length, alone.Count);
        Assert.Equal(alone, ranges);
    }

    private static async Task<List<string>> ReadAsync(IStore store, int ranges)
    {
        var entries = new List<string>();
        var options = new TreeListingOptions { OpenScratch = () => new MemoryStream(), RangesAtOnce = ranges };
        await foreach (ListingChunk chunk in TreeListing.ReadAsync(store, options, default))
        {
            entries.AddRange(chunk.Entries.Select(entry => entry.Path.ToString()));
        }

        return entries;
    }
}
