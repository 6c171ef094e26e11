using Amazon.S3.Model;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>Copies within one server, from any bucket of it: in one call, and what is too large for that by parts.</summary>
internal sealed class S3ServerCopy(S3Store store) : IServerCopy
{
    private const int PartsAtOnce = 4;

    /// <summary>The calls of a copy are repeated one by one: together they are a call that is not, and a large object takes thousands.</summary>
    private readonly RetryCalls _retry = new(new RetryOptions(), store.Connection.Time);

    private S3Connection Connection => store.Connection;

    public bool CanCopyFrom(StoreIdentity source) =>
        source.Scheme == store.Identity.Scheme && ServerOf(source.Authority) == ServerOf(store.Identity.Authority);

    public async ValueTask<StoreEntry> CopyAsync(
        StoreIdentity source, StorePath from, string? version, StorePath to, WriteOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!CanCopyFrom(source))
        {
            throw new StoreException(StoreErrorKind.Unsupported, $"{store.Identity} copies only within its own server.") { Path = to };
        }

        string key = store.RequireKey(to, null);
        if (options.Expected is not null)
        {
            throw S3Store.Refused(to, "a copy within the server is not checked on arrival");
        }

        if (options.CreateOnly && await FileAsync(to, key, ct).ConfigureAwait(false) is not null)
        {
            throw S3Store.AlreadyThere(to);
        }

        var copy = new Copy(source.Authority[(source.Authority.LastIndexOf('/') + 1)..], source.Absolute(from), from, to, key, options);
        return await CopyAsync(copy, version, ct).ConfigureAwait(false);
    }

    private async ValueTask<StoreEntry> CopyAsync(Copy copy, string? version, CancellationToken ct)
    {
        GetObjectMetadataResponse there = await RepeatAsync(
            StoreVerb.Stat, copy.From, token => Connection.Client.GetObjectMetadataAsync(Look(copy), token), ct).ConfigureAwait(false);
        string etag = S3Text.ETag(there.ETag)!;
        if (version is not null && version != etag)
        {
            throw new StoreException(StoreErrorKind.PreconditionFailed, $"\"{copy.From}\" is no longer version {version}.") { Path = copy.From };
        }

        // What the caller does not give, the copy takes over from its source.
        WriteMetadata given = copy.Options.Metadata;
        copy = copy with
        {
            Options = copy.Options with
            {
                Metadata = given with { Noted = given.Noted ?? S3Text.ReadMd5(there.Metadata[S3Text.Md5Key]) },
            },
        };
        Timestamp modified = given.Modified ?? S3Text.ReadTime(there.Metadata[S3Text.TimeKey])
            ?? Timestamp.From(new DateTimeOffset((there.LastModified ?? default).ToUniversalTime()));
        long size = PartSizeOf(there, etag);
        if (size > 0)
        {
            await ByPartsAsync(copy, etag, there.ContentLength, size, modified, ct).ConfigureAwait(false);
        }
        else
        {
            await InOneCallAsync(copy, etag, modified, ct).ConfigureAwait(false);
        }

        return await FileAsync(copy.To, copy.Key, ct).ConfigureAwait(false)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"\"{copy.To}\" was copied and is gone.") { Path = copy.To };
    }

    /// <summary>Bytes of the parts to copy by; 0 to copy in one call. An object of parts is copied by the same parts: only then does the server
    /// compute its ETag anew, from what it wrote, and the copy can be proved by it. One call would only carry the ETag over.</summary>
    private long PartSizeOf(GetObjectMetadataResponse there, string etag)
    {
        long noted = S3Text.ReadPartSize(there.Metadata[S3Text.PartSizeKey]);
        bool keepsCut = noted >= store.PartedWrite!.Limits.MinBytes && S3Text.PartedOf(etag, there.ContentLength, noted) is not null;

        // As many bytes each as it takes to stay within the parts of an upload.
        return keepsCut ? noted
            : there.ContentLength > Connection.Options.CopyInOneCallBytes ? Math.Max(Connection.Options.CopyPartBytes, (there.ContentLength + 9_999) / 10_000)
            : 0;
    }

    private async ValueTask InOneCallAsync(Copy copy, string etag, Timestamp modified, CancellationToken ct)
    {
        CopyObjectRequest request = store.Requests.Copy(copy.Bucket, copy.SourceKey, etag, copy.Key, modified, copy.Options);
        await RepeatAsync(StoreVerb.Write, copy.To, token => Connection.Client.CopyObjectAsync(request, token), ct).ConfigureAwait(false);
    }

    private async ValueTask ByPartsAsync(Copy copy, string etag, long length, long size, Timestamp modified, CancellationToken ct)
    {
        WriteOptions options = copy.Options with { PartSize = size };
        InitiateMultipartUploadResponse begun = await RepeatAsync(
            StoreVerb.BeginParts, copy.To,
            token => Connection.Client.InitiateMultipartUploadAsync(store.Requests.Begin(copy.Key, modified, options), token), ct).ConfigureAwait(false);
        var upload = new S3Upload(copy.To, "copy", begun.UploadId, copy.Key, length, modified, options);
        try
        {
            StoredPart[] parts = await CopyPartsAsync(copy, etag, length, size, upload.Id, ct).ConfigureAwait(false);
            await _retry.AroundAsync(
                new StoreCall(StoreVerb.CompleteParts, copy.To), token => store.PartedWrite!.CompleteAsync(upload, parts, token), ct).ConfigureAwait(false);
        }
        catch
        {
            // Stays where its completion may still be at work: aborting beside that can cost the object.
            await DropAsync(upload).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Throws the upload away. What keeps it from doing so must not hide why it is thrown away, nor hold the caller up.</summary>
    private async ValueTask DropAsync(S3Upload upload)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), Connection.Time);
        try
        {
            await _retry.AroundAsync(
                new StoreCall(StoreVerb.AbortParts, upload.Path), token => store.PartedWrite!.AbortAsync(upload, token), limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // It stays for the bucket's lifecycle rule.
        }
    }

    private async ValueTask<StoredPart[]> CopyPartsAsync(Copy copy, string etag, long length, long size, string upload, CancellationToken ct)
    {
        var parts = new StoredPart[(length + size - 1) / size];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = ct };
        await Parallel.ForEachAsync(Enumerable.Range(1, parts.Length), parallel, async (number, stop) =>
        {
            long first = (number - 1) * size;
            long end = Math.Min(length, first + size);
            CopyPartRequest request = store.Requests.CopyPart(copy.Bucket, copy.SourceKey, etag, copy.Key, upload, number, first, end - 1);
            CopyPartResponse response = await RepeatAsync(
                StoreVerb.WritePart, copy.To, token => Connection.Client.CopyPartAsync(request, token), stop).ConfigureAwait(false);
            parts[number - 1] = new StoredPart(number, first, end - first, response.ETag);
        }).ConfigureAwait(false);
        return parts;
    }

    private ValueTask<StoreEntry?> FileAsync(StorePath path, string key, CancellationToken ct) =>
        _retry.AroundAsync(new StoreCall(StoreVerb.Stat, path), async token => await store.Entries.FileAsync(path, key, token).ConfigureAwait(false), ct);

    private ValueTask<T> RepeatAsync<T>(StoreVerb like, StorePath path, Func<CancellationToken, Task<T>> call, CancellationToken ct) =>
        _retry.AroundAsync(new StoreCall(like, path), token => Connection.CallAsync(path, call, token), ct);

    private GetObjectMetadataRequest Look(Copy copy)
    {
        GetObjectMetadataRequest request = store.Requests.Look(copy.SourceKey);
        request.BucketName = copy.Bucket;
        return request;
    }

    private static string ServerOf(string authority) => authority[..(authority.LastIndexOf('/') + 1)];

    private sealed record Copy(string Bucket, StorePath Source, StorePath From, StorePath To, string Key, WriteOptions Options)
    {
        public string SourceKey => S3Names.KeyOf(Source);
    }
}
