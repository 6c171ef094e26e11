using Godwit.ServerTests.Kills;
using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.ServerTests.S3;

/// <summary>Prefixes of a bucket.</summary>
/// <param name="above">The first part of the prefixes.</param>
/// <param name="bucket">The bucket.</param>
internal sealed class KillBucket(string above, S3Bucket bucket) : KillPlace
{
    public override IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
    {
        ["AWS_ENDPOINT_URL_S3"] = S3Server.Endpoint.ToString(),
        ["AWS_ACCESS_KEY_ID"] = S3Server.Keys.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = S3Server.Keys.SecretKey,
    };

    public override string Url(string name) => $"s3://{bucket.Name}/{above}/{name}";

    public override Task<IStore> OpenAsync(string name) =>
        Task.FromResult<IStore>(bucket.Open(options => options with { Prefix = StorePath.FromText($"{above}/{name}") }));

    public override async Task<SortedDictionary<string, KillFile>> FilesAsync(string name)
    {
        var files = new SortedDictionary<string, KillFile>(StringComparer.Ordinal);
        await using IStore store = await OpenAsync(name);
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

    public override async Task<IReadOnlySet<string>> UploadsAsync(string name) =>
        (await bucket.UploadsAsync()).Where(upload => upload.Key.StartsWith($"{above}/{name}/", StringComparison.Ordinal))
            .Select(upload => upload.UploadId).ToHashSet();

    public override async Task ClearAsync(string name)
    {
        await using IStore store = await OpenAsync(name);
        StorePath[] files = [.. (await store.FlatListing!.ListBelowAsync(StorePath.Root, null, default)).Entries.Select(entry => entry.Path)];
        await store.BulkDelete!.DeleteAsync(files, default);
    }
}
