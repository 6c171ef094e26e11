using System.Text;
using Godwit.Backends.Local;
using Godwit.Backends.S3;
using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.ServerTests.S3;

/// <summary>Names that are not UTF-8, in a real bucket.</summary>
public sealed class S3NamesTests
{
    [Fact]
    public async Task A_listing_that_shows_encoded_names_elsewhere_still_meets_those_of_a_directory()
    {
        string directory = Directory.CreateTempSubdirectory("godwit-names-").FullName;
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await using IStore local = LocalStore.In(directory);
        foreach (string name in new[] { "\\x80", "a\\xff/inside", "aé", "a\\xff", "‛", "‛‛", "z", "‛FF", "a/b", "\\xf0/\\xf0" })
        {
            var path = StorePath.FromBytes(PathText.Unescape(name == "a\\xff" ? "a\\xfe" : name));
            foreach (IStore store in new[] { local, bucket.Store })
            {
                await store.WriteAsync(path, WriteSource.From(Encoding.UTF8.GetBytes(name)), WriteOptions.Default, default);
            }
        }

        await using S3Store small = bucket.Open(options => options with { PageSize = 2 });
        var options = new TreeListingOptions { OpenScratch = () => new MemoryStream(), SortInMemory = 2 };
        var alone = new List<TreePair>();
        int both = 0;
        await foreach (PairChunk chunk in MergeTrees.InStepAsync(
            TreeListing.ReadAsync(local, options, default), TreeListing.ReadAsync(small, options, default), default))
        {
            both += chunk.Pairs.Count(pair => pair.Source is not null && pair.Destination is not null);
            alone.AddRange(chunk.Pairs.Where(pair => (pair.Source ?? pair.Destination)!.Kind == EntryKind.File && (pair.Source is null || pair.Destination is null)));
        }

        Assert.Empty(alone);
        Assert.Equal(10, both);

        // The runtime cannot delete names that are not UTF-8.
        using var remove = System.Diagnostics.Process.Start("rm", ["-rf", "--", directory]);
        await remove.WaitForExitAsync();
    }

    [Fact]
    public async Task Keys_that_would_lead_elsewhere_or_that_no_name_has_are_told_as_such()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        foreach (string key in new[] { "‛2E‛2E/x", "．．/x", "‛C3‛A9", "good" })
        {
            await bucket.PutAsync(key, "x");
        }

        StorePage page = await bucket.Store.FlatListing!.ListBelowAsync(StorePath.Root, null, default);
        Assert.Equal(["good", "‛2E‛2E/x", "．．/x"], page.Entries.Select(entry => entry.Path.ToString()).Order(StringComparer.Ordinal));
        Assert.Contains("‛C3‛A9", Assert.Single(page.Unreadable!).Message, StringComparison.Ordinal);
    }
}
