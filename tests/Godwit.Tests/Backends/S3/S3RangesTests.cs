using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Text;
using Godwit.Backends.S3;
using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.Tests.Backends.S3;

/// <summary>A listing that is cut into ranges and read ahead is the listing, whatever is in the bucket.</summary>
public sealed class S3RangesTests
{
    private const int PageSize = 8;

    [Fact]
    public async Task Whatever_is_in_the_bucket_the_ranges_give_what_one_listing_gives_in_a_bounded_number_of_calls()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            SortedSet<string> keys = Keys(new Random(seed));
            await using var server = new S3StandIn(request => Listing(keys, request.QueryString));
            await using S3Store store = server.Open(options => options with { PageSize = PageSize });
            (List<string> expected, List<string> unreadable) = await ReadAsync(store, 1);
            int alone = server.Asked.Count;
            (List<string> entries, List<string> alsoUnreadable) = await ReadAsync(store, 1 + (seed % 8) + 1);
            Assert.Equal(expected, entries);
            Assert.Equal(unreadable, alsoUnreadable);
            Assert.InRange(server.Asked.Count - alone, alone, (2 * alone) + 8);
        }
    }

    [Fact]
    public async Task A_bucket_of_one_page_costs_one_call_and_one_of_a_single_directory_no_more_than_its_pages()
    {
        var keys = new SortedSet<string>(StringComparer.Ordinal) { "a/1", "b/1" };
        await using var server = new S3StandIn(request => Listing(keys, request.QueryString));
        await using S3Store store = server.Open(options => options with { PageSize = PageSize });
        Assert.Equal(2, (await ReadAsync(store, 8)).Entries.Count);
        Assert.Single(server.Asked);
        keys.UnionWith(Enumerable.Range(0, 10 * PageSize).Select(i => $"c{i:D3}"));
        keys.ExceptWith(["a/1", "b/1"]);
        Assert.Equal(10 * PageSize, (await ReadAsync(store, 8)).Entries.Count);
        Assert.Equal(1 + 10, server.Asked.Count);
    }

    [Fact]
    public async Task A_million_prefixes_of_one_key_each_cost_no_calls_for_cuts()
    {
        SortedSet<string> keys = new(Enumerable.Range(0, 50 * PageSize).Select(i => $"p{i:D6}/x"), StringComparer.Ordinal);
        await using var server = new S3StandIn(request => Listing(keys, request.QueryString));
        await using S3Store store = server.Open(options => options with { PageSize = PageSize });
        Assert.Equal(keys.Count, (await ReadAsync(store, 8)).Entries.Count);
        Assert.Equal(50, server.Asked.Count);
    }

    [Fact]
    public async Task Ranges_are_read_at_once()
    {
        SortedSet<string> keys = new(Enumerable.Range(0, 40 * PageSize).Select(i => $"d{i / (2 * PageSize):D3}/{i:D6}"), StringComparer.Ordinal);
        int now = 0, most = 0;
        await using var server = new S3StandIn(async request =>
        {
            lock (keys)
            {
                most = Math.Max(most, ++now);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            lock (keys)
            {
                now--;
                return Listing(keys, request.QueryString);
            }
        });
        await using S3Store store = server.Open(options => options with { PageSize = PageSize });
        Assert.Equal(keys, (await ReadAsync(store, 8)).Entries);
        Assert.InRange(most, 4, 8);
    }

    [Fact]
    public async Task An_error_in_the_middle_ends_the_listing_with_it_and_what_came_before_is_right()
    {
        SortedSet<string> keys = new(Enumerable.Range(0, 40 * PageSize).Select(i => $"d{i / PageSize:D3}/{i:D6}"), StringComparer.Ordinal);
        int asked = 0;
        await using var server = new S3StandIn(request =>
            Interlocked.Increment(ref asked) == 20 ? S3StandIn.Error(403, "AccessDenied") : Listing(keys, request.QueryString));
        await using S3Store store = server.Open(options => options with { PageSize = PageSize });
        var seen = new List<string>();
        StoreException failure = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            await foreach (ListingChunk chunk in List(store, 8))
            {
                seen.AddRange(chunk.Entries.Select(entry => entry.Path.ToString()));
            }
        });
        Assert.Equal(StoreErrorKind.Forbidden, failure.Kind);
        Assert.Equal(keys.Take(seen.Count), seen);
    }

    [Fact]
    public async Task What_is_there_all_the_time_is_listed_once_although_others_come_and_go()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            SortedSet<string> keys = Keys(new Random(seed));
            keys.RemoveWhere(key => key.EndsWith('/') || key.Contains("//", StringComparison.Ordinal));
            string[] staying = [.. keys.Where((_, i) => i % 2 == 0)];
            var changes = new Random(seed);
            await using var server = new S3StandIn(request =>
            {
                lock (keys)
                {
                    keys.RemoveWhere(key => !staying.Contains(key) && changes.Next(10) == 0);
                    keys.Add($"d{changes.Next(10)}/new{changes.Next(1000)}");
                    return Listing(keys, request.QueryString);
                }
            });
            await using S3Store store = server.Open(options => options with { PageSize = PageSize });
            List<string> seen = (await ReadAsync(store, 8)).Entries;
            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Empty(staying.Except(seen));
        }
    }

    [Fact]
    public async Task A_server_that_begins_anew_instead_of_behind_a_key_is_an_error()
    {
        SortedSet<string> keys = new(Enumerable.Range(0, 40 * PageSize).Select(i => $"d{i / PageSize:D3}/{i:D6}"), StringComparer.Ordinal);
        await using var server = new S3StandIn(request =>
        {
            var passedOver = new NameValueCollection(request.QueryString);
            if (request.QueryString["delimiter"] is null)
            {
                passedOver.Remove("start-after");
            }

            return Listing(keys, passedOver);
        });
        await using S3Store store = server.Open(options => options with { PageSize = PageSize });
        StoreException failure = await Assert.ThrowsAsync<StoreException>(() => ReadAsync(store, 8));
        Assert.Contains("told earlier ones", failure.Message, StringComparison.Ordinal);
    }

    private static SortedSet<string> Keys(Random random)
    {
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        int directories = random.Next(1, 12), most = random.Next(1, 60), depth = random.Next(1, 4);
        string above = random.Next(3) == 0 ? "one/two/" : "";
        for (int d = 0; d < directories; d++)
        {
            string directory = above + string.Concat(Enumerable.Range(0, random.Next(depth + 1)).Select(_ => $"d{random.Next(10)}/"));
            for (int i = random.Next(most + 1); i > 0; i--)
            {
                keys.Add($"{directory}f{random.Next(200)}");
            }

            if (random.Next(3) == 0)
            {
                keys.Add(random.Next(3) == 0 ? directory + "/odd" : directory.Length == 0 ? "z/" : directory);
            }
        }

        return keys;
    }

    private static IAsyncEnumerable<ListingChunk> List(S3Store store, int ranges) => TreeListing.ReadAsync(
        store, new TreeListingOptions { OpenScratch = () => new MemoryStream(), RangesAtOnce = ranges }, default);

    private static async Task<(List<string> Entries, List<string> Unreadable)> ReadAsync(S3Store store, int ranges)
    {
        var entries = new List<string>();
        var unreadable = new List<string>();
        await foreach (ListingChunk chunk in List(store, ranges))
        {
            entries.AddRange(chunk.Entries.Select(entry => entry.Path + (entry.Kind == EntryKind.Directory ? "/" : "")));
            unreadable.AddRange(chunk.Unreadable.Select(one => one.Message));
        }

        return (entries, unreadable);
    }

    /// <summary>What S3 answers, from its documentation: keys behind a key or a token, those below a delimiter as one.</summary>
    private static S3StandIn.Answer Listing(SortedSet<string> keys, NameValueCollection query)
    {
        string prefix = query["prefix"] ?? "", after = query["continuation-token"] ?? query["start-after"] ?? "";
        int left = int.Parse(query["max-keys"]!, CultureInfo.InvariantCulture);
        var contents = new StringBuilder();
        string last = after, told = "";
        bool more = false;
        foreach (string key in keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(key, after) > 0))
        {
            int slash = query["delimiter"] is null ? -1 : key.IndexOf('/', prefix.Length);
            string common = slash < 0 ? "" : key[..(slash + 1)];
            if (slash >= 0 && common == told)
            {
                last = key;
                continue;
            }

            if (left-- == 0)
            {
                more = true;
                break;
            }

            last = key;
            told = common;
            contents.Append(slash < 0
                ? $"<Contents><Key>{WebUtility.UrlEncode(key)}</Key><Size>0</Size><ETag>\"e\"</ETag></Contents>"
                : $"<CommonPrefixes><Prefix>{WebUtility.UrlEncode(common)}</Prefix></CommonPrefixes>");
        }

        string ending = more ? $"<IsTruncated>true</IsTruncated><NextContinuationToken>{last}</NextContinuationToken>" : "<IsTruncated>false</IsTruncated>";
        return new S3StandIn.Answer(200, $"<?xml version=\"1.0\"?><ListBucketResult>{ending}{contents}</ListBucketResult>");
    }
}
