using System.Security.Cryptography;
using Godwit.Backends.Local;
using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.ServerTests.S3;

/// <summary>One side of copies that are killed: directories of this machine, or prefixes of a bucket.</summary>
/// <param name="Above">The directory that holds them, or the first part of the prefixes.</param>
/// <param name="Bucket">The bucket; null on this machine.</param>
internal sealed record KillPlace(string Above, S3Bucket? Bucket)
{
    /// <summary>The address of one of them.</summary>
    public string Url(string name) => Bucket is null ? Path.Combine(Above, name) : $"s3://{Bucket.Name}/{Above}/{name}";

    /// <summary>One of them as a store.</summary>
    public IStore Open(string name) => Bucket is null
        ? LocalStore.In(System.Text.Encoding.UTF8.GetBytes(Url(name)), new LocalOptions { CreateRoot = true })
        : Bucket.Open(options => options with { Prefix = StorePath.FromText($"{Above}/{name}") });

    /// <summary>Writes a dozen small files and two that are cut into parts.</summary>
    public async Task FillAsync(string name)
    {
        var random = new Random(4);
        await using IStore store = Open(name);
        foreach ((string file, int length) in ((string, int)[])
            [.. Enumerable.Range(0, 12).Select(i => ($"d{i % 3}/f{i}", i * 700)), ("a-large/one", (11 << 20) + 1), ("a-large/two", 9 << 20)])
        {
            var content = new byte[length];
            random.NextBytes(content);
            var modified = new Timestamp(1_700_000_000_000_000_000 + (random.NextInt64(1L << 40) * 100));
            var options = new WriteOptions { Metadata = new WriteMetadata { Modified = modified } };
            await store.WriteAsync(StorePath.FromText(file), WriteSource.From(content), options, default);
        }
    }

    /// <summary>Every file with its time and its bytes; on this machine also those that the store would not show.</summary>
    public async Task<SortedDictionary<string, string>> FilesAsync(string name)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Bucket is null)
        {
            foreach (string file in Directory.EnumerateFiles(
                Url(name), "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
            {
                files[Path.GetRelativePath(Url(name), file)] = Described(
                    Timestamp.From(File.GetLastWriteTimeUtc(file)), await File.ReadAllBytesAsync(file));
            }

            return files;
        }

        await using IStore store = Open(name);
        await foreach (ListingChunk chunk in TreeListing.ReadAsync(store, new TreeListingOptions { OpenScratch = () => new MemoryStream() }, default))
        {
            foreach (StoreEntry entry in chunk.Entries)
            {
                StoreEntry? found = await store.StatAsync(entry.Path, default);
                files[entry.Path.ToString()] = Described(found!.Modified!.Value, await S3Bucket.ReadAsync(store, entry.Path.ToString()));
            }
        }

        return files;
    }

    /// <summary>The ids of uploads under way for files of one of them.</summary>
    public async Task<IReadOnlySet<string>> UploadsAsync(string name) => Bucket is null
        ? new HashSet<string>()
        : (await Bucket.UploadsAsync()).Where(upload => upload.Key.StartsWith($"{Above}/{name}/", StringComparison.Ordinal))
            .Select(upload => upload.UploadId).ToHashSet();

    /// <summary>Takes one away.</summary>
    public async Task ClearAsync(string name)
    {
        if (Bucket is null)
        {
            Directory.Delete(Url(name), recursive: true);
            return;
        }

        await using IStore store = Open(name);
        StorePath[] files = [.. (await FilesOfAsync(store))];
        await store.BulkDelete!.DeleteAsync(files, default);
    }

    private static async Task<List<StorePath>> FilesOfAsync(IStore store) =>
        [.. (await store.FlatListing!.ListBelowAsync(StorePath.Root, null, default)).Entries.Select(entry => entry.Path)];

    private static string Described(Timestamp modified, byte[] content) =>
        $"{modified.Nanoseconds} {content.Length} {Convert.ToHexStringLower(SHA256.HashData(content))}";
}
