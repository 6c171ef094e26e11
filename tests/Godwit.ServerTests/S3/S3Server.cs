using System.Diagnostics;
using Amazon.S3;
using Amazon.S3.Model;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>The S3 server that the tests run against: <c>./test</c> starts it and says where it is.</summary>
internal static class S3Server
{
    private const string HowToStart = "start the server and take over its settings: set -a; eval \"$(servers/s3 start)\"; set +a";

    public static Uri Endpoint => new(Setting("ENDPOINT"));

    public static Uri TlsEndpoint => new(Setting("TLS_ENDPOINT"));

    public static string CaFile => Setting("CA");

    public static S3AccessKeys Keys => new(Setting("ACCESS_KEY"), Setting("SECRET_KEY"));

    /// <summary>Another gateway to the same buckets, which gives and takes temporary credentials.</summary>
    public static Uri StsEndpoint => new(Setting("STS_ENDPOINT"));

    /// <summary>The role that the keys may take on.</summary>
    public static string Role => Setting("ROLE");

    /// <summary>The options to reach a bucket over http.</summary>
    public static S3Options Options(string bucket) => new() { Bucket = bucket, Endpoint = Endpoint, Keys = Keys };

    /// <summary>The options to reach a bucket over https.</summary>
    public static S3Options TlsOptions(string bucket) => Options(bucket) with { Endpoint = TlsEndpoint, CaFile = CaFile };

    /// <summary>Does what only the server's administrator can.</summary>
    public static async Task AdministerAsync(params string[] arguments)
    {
        string settings = Path.Combine(Path.GetDirectoryName(CaFile)!, "ceph.conf");
        using var process = Process.Start(new ProcessStartInfo("radosgw-admin", ["-c", settings, .. arguments]) { RedirectStandardError = true })!;
        string said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said);
    }

    private static string Setting(string name) => Environment.GetEnvironmentVariable("GODWIT_TEST_S3_" + name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"No S3 server is known (GODWIT_TEST_S3_{name} is not set): run ./test, or {HowToStart}");
}

/// <summary>A bucket of its own, which is taken away at the end with all that is in it.</summary>
internal sealed class S3Bucket : IAsyncDisposable
{
    private readonly S3Store _store;

    private S3Bucket(string name)
    {
        Name = name;
        _store = new S3Store(S3Server.Options(name), TimeProvider.System);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The library's own client: to do what the store does not, and to see what it left.</summary>
    public AmazonS3Client Client => _store.Connection.Client;

    /// <summary>The whole bucket as a store.</summary>
    public S3Store Store => _store;

    /// <summary>Makes a bucket.</summary>
    public static async Task<S3Bucket> MakeAsync()
    {
        var bucket = new S3Bucket("godwit-test-" + Guid.NewGuid().ToString("N")[..12]);
        await bucket.Client.PutBucketAsync(bucket.Name);
        return bucket;
    }

    /// <summary>Puts an object as another program would.</summary>
    public async Task PutAsync(string key, string content) => await Client.PutObjectAsync(
        new PutObjectRequest { BucketName = Name, Key = key, ContentBody = content, UseChunkEncoding = false });

    /// <summary>Another store on the bucket.</summary>
    public S3Store Open(Func<S3Options, S3Options>? change = null) =>
        new((change ?? (same => same))(S3Server.Options(Name)), TimeProvider.System);

    /// <summary>Uploads under way.</summary>
    public async Task<List<MultipartUpload>> UploadsAsync() =>
        (await Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Name })).MultipartUploads ?? [];

    /// <summary>Every key.</summary>
    public async Task<List<string>> KeysAsync() =>
        [.. ((await Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Name })).S3Objects ?? []).Select(one => one.Key)];

    public async ValueTask DisposeAsync()
    {
        foreach (MultipartUpload upload in await UploadsAsync())
        {
            await Client.AbortMultipartUploadAsync(Name, upload.Key, upload.UploadId);
        }

        for (List<string> keys = await KeysAsync(); keys.Count > 0; keys = await KeysAsync())
        {
            await Parallel.ForEachAsync(keys, async (key, ct) => await Client.DeleteObjectAsync(Name, key, ct));
        }

        await Client.DeleteBucketAsync(Name);
        await _store.DisposeAsync();
    }

    /// <summary>The bytes of a path.</summary>
    public static async Task<byte[]> ReadAsync(IStore store, string path)
    {
        await using StoreBody body = await store.OpenReadAsync(StorePath.FromText(path), default);
        using var all = new MemoryStream();
        await body.Content.CopyToAsync(all);
        return all.ToArray();
    }
}
