using System.Text;
using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.Tests.Transfers.Plan;

public sealed class ListingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(10_000)]
    public void What_does_not_fit_in_memory_comes_in_the_same_order(int inMemory)
    {
        var random = new Random(5);
        StoreEntry[] entries = [.. Enumerable.Range(0, 500).Select(_ => Entry(random)).DistinctBy(entry => (entry.Path, entry.Kind == EntryKind.Directory))];
        int streams = 0;
        using var sort = new ExternalSort<StoreEntry>(StoreEntry.CompareByKey, EntryCodec.Instance, Scratch, inMemory);
        foreach (StoreEntry entry in entries)
        {
            sort.Add(entry);
        }

        StoreEntry[] expected = [.. entries];
        Array.Sort(expected, StoreEntry.CompareByKey);
        Assert.Equal(expected.Select(Describe), sort.InOrder().Select(Describe));
        Assert.Equal(inMemory >= entries.Length, streams == 0);

        Stream Scratch()
        {
            streams++;
            return new MemoryStream();
        }
    }

    [Fact]
    public void What_tells_one_file_under_two_names_survives_being_sorted_outside_of_memory()
    {
        using var sort = new ExternalSort<StoreEntry>(StoreEntry.CompareByKey, EntryCodec.Instance, () => new MemoryStream(), limit: 1);
        var entry = new StoreEntry
        {
            Path = StorePath.FromText("a"),
            Kind = EntryKind.File,
            Modified = new Timestamp(5),
            Inode = new InodeStamp(7, new Timestamp(9)),
        };
        sort.Add(entry);
        StoreEntry back = Assert.Single(sort.InOrder());
        Assert.Equal((1, entry.Inode, entry.Version), (sort.SpilledRuns, back.Inode, back.Version));
    }

    [Fact]
    public async Task Two_trees_of_any_shape_are_walked_in_step()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            await using IStore left = await TreeAsync(random, flat: seed % 2 == 0);
            await using IStore right = await TreeAsync(random, flat: seed % 3 == 0);
            string[] expected = [.. await PathsAsync(left), .. await PathsAsync(right)];
            var met = new List<string>();
            await foreach (PairChunk chunk in MergeTrees.InStepAsync(List(left), List(right), default))
            {
                foreach (TreePair pair in chunk.Pairs.Where(pair => (pair.Source ?? pair.Destination)!.Kind == EntryKind.File))
                {
                    Assert.True(pair.Source is null || pair.Destination is null || pair.Source.Path == pair.Destination.Path);
                    met.AddRange(new[] { pair.Source, pair.Destination }.OfType<StoreEntry>().Select(entry => entry.Path.ToString()));
                }
            }

            Assert.Equal(expected.Order(StringComparer.Ordinal), met.Order(StringComparer.Ordinal));
            Assert.Equal(met.Distinct().Count(), expected.Distinct().Count());
        }
    }

    private static IAsyncEnumerable<ListingChunk> List(IStore store) =>
        TreeListing.ReadAsync(store, new TreeListingOptions { OpenScratch = () => new MemoryStream(), SortInMemory = 3 }, default);

    private static async Task<IStore> TreeAsync(Random random, bool flat)
    {
        IStore store = new MemoryStore(new MemorySpace(TimeProvider.System), "bucket", new MemoryStoreOptions());
        string[] names = ["a", "a-b", "a.c", "b", "ab", "0", "é", "a b", "‛", "\uFFFD"];
        for (int i = random.Next(20); i > 0; i--)
        {
            var path = new StringBuilder(names[random.Next(names.Length)]);
            for (int depth = random.Next(4); depth > 0; depth--)
            {
                path.Append("/d").Append(names[random.Next(names.Length)]);
            }

            await store.WriteAsync(StorePath.FromText(path + "/f" + i), WriteSource.From(new byte[3]), WriteOptions.Default, default);
        }

        return flat ? store : store.Without(nameof(IStore.FlatListing));
    }

    private static async Task<IReadOnlyList<string>> PathsAsync(IStore store)
    {
        var paths = new List<string>();
        await foreach (ListingChunk chunk in List(store))
        {
            paths.AddRange(chunk.Entries.Where(entry => entry.Kind == EntryKind.File).Select(entry => entry.Path.ToString()));
        }

        return paths;
    }

    private static string Describe(StoreEntry entry) =>
        $"{entry.Path} {entry.Kind} {entry.Length} {entry.Modified} {entry.Version} {entry.ResumeVersion} {entry.Mode} {entry.Allocated} "
        + $"{(entry.LinkTarget is { } target ? Convert.ToHexString(target.Span) : "-")} {string.Join(',', entry.Checksums)}";

    private static StoreEntry Entry(Random random)
    {
        byte[] name = new byte[random.Next(1, 4)];
        for (int i = 0; i < name.Length; i++)
        {
            name[i] = (byte)random.Next(0x30, 0x100);
        }

        return new StoreEntry
        {
            Path = StorePath.FromBytes(name),
            Kind = (EntryKind)random.Next(4),
            Length = random.NextInt64(),
            Modified = random.Next(2) == 0 ? null : new Timestamp(random.NextInt64()),
            Version = random.Next(2) == 0 ? null : "v" + random.Next(),
            ResumeVersion = random.Next(2) == 0 ? null : "",
            Mode = random.Next(2) == 0 ? null : random.Next(512),
            LinkTarget = random.Next(2) == 0 ? null : name,
            Checksums = random.Next(2) == 0 ? [] : [new Checksum(ChecksumKind.Adler32, [1, 2, 3, 4])],
        };
    }
}
