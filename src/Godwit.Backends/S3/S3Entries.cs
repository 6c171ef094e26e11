using Amazon.S3;
using Amazon.S3.Model;
using Godwit.Storage;
using Checksum = Godwit.Storage.Checksum;

namespace Godwit.Backends.S3;

/// <summary>Looks at objects, and makes entries of what the server tells.</summary>
internal sealed class S3Entries(S3Store store)
{
    private const string UserPrefix = "x-amz-meta-";

    /// <summary>A file as the answer to a read tells it.</summary>
    public static StoreEntry Of(StorePath path, GetObjectResponse response) => WithNotes(
        Of(
            path, response.ContentLength, response.ETag, ModifiedOf(response.Metadata, response.LastModified),
            response.ServerSideEncryptionMethod, response.ServerSideEncryptionCustomerMethod),
        response.Metadata,
        S3Text.IsOfPlainBytes(response.ServerSideEncryptionMethod, response.ServerSideEncryptionCustomerMethod));

    /// <summary>A file as a look at it tells it.</summary>
    public static StoreEntry Of(StorePath path, GetObjectMetadataResponse response)
    {
        StoreEntry entry = Of(
            path, response.ContentLength, response.ETag, ModifiedOf(response.Metadata, response.LastModified),
            response.ServerSideEncryptionMethod, response.ServerSideEncryptionCustomerMethod);
        bool isPlain = S3Text.IsOfPlainBytes(response.ServerSideEncryptionMethod, response.ServerSideEncryptionCustomerMethod);
        return WithNotes(entry with { Checksums = [.. entry.Checksums, .. WholeSumsOf(response)] }, response.Metadata, isPlain);
    }

    /// <summary>A file out of what is known of it. Its version is the ETag: a listing tells no more.</summary>
    public static StoreEntry Of(
        StorePath path,
        long length,
        string? etag,
        Timestamp? modified,
        ServerSideEncryptionMethod? encryption = null,
        ServerSideEncryptionCustomerMethod? customer = null)
    {
        string? bare = S3Text.ETag(etag);
        return new StoreEntry
        {
            Path = path,
            Kind = EntryKind.File,
            Length = length,
            Modified = modified,
            Version = bare,
            ResumeVersion = bare,
            Checksums = S3Text.Md5Of(bare, encryption, customer) is { } md5 ? [md5] : [],
        };
    }

    /// <summary>What is at a path; null for nothing.</summary>
    public async ValueTask<StoreEntry?> LookAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return await FileAsync(path, store.Connection.KeyOf(path), ct).ConfigureAwait(false)
            ?? (await HasBelowAsync(path, ct).ConfigureAwait(false) || path.IsRoot
                ? new StoreEntry { Path = path, Kind = EntryKind.Directory }
                : null);
    }

    /// <summary>The file at a path; null for nothing and for a directory.</summary>
    public async ValueTask<StoreEntry?> FileAsync(StorePath path, string key, CancellationToken ct)
    {
        return !path.IsRoot && await HeadAsync(path, key, ct).ConfigureAwait(false) is { } head ? Of(path, head) : null;
    }

    /// <summary>The file at a path with its user metadata; null for nothing and for a directory.</summary>
    public async ValueTask<FileWithPairs?> WithPairsAsync(StorePath path, CancellationToken ct)
    {
        if (path.IsRoot || await HeadAsync(path, store.Connection.KeyOf(path), ct).ConfigureAwait(false) is not { } head)
        {
            return null;
        }

        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in head.Metadata.Keys)
        {
            string bare = name.ToLowerInvariant();
            pairs[bare.StartsWith(UserPrefix, StringComparison.Ordinal) ? bare[UserPrefix.Length..] : bare] = head.Metadata[name];
        }

        return new FileWithPairs(Of(path, head), pairs);
    }

    /// <summary>Whether there is an object that stands for the directory itself.</summary>
    public async ValueTask<bool> HasMarkerAsync(StorePath path, string key, CancellationToken ct) =>
        await HeadAsync(path, key + "/", ct).ConfigureAwait(false) is { ContentLength: 0 };

    /// <summary>Makes sure that a file is there, and is the version that the caller pinned.</summary>
    public async ValueTask RequireVersionAsync(StorePath path, string? version, CancellationToken ct)
    {
        StoreEntry? entry = await FileAsync(path, store.Connection.KeyOf(path), ct).ConfigureAwait(false);
        if (entry is null)
        {
            throw new StoreException(StoreErrorKind.NotFound, $"There is nothing at \"{path}\".") { Path = path };
        }

        if (version is not null && version != entry.Version)
        {
            throw new StoreException(StoreErrorKind.PreconditionFailed, $"\"{path}\" is no longer version {version}.") { Path = path };
        }
    }

    private async ValueTask<GetObjectMetadataResponse?> HeadAsync(StorePath path, string key, CancellationToken ct)
    {
        try
        {
            return await store.Connection.CallAsync(
                path, token => store.Connection.Client.GetObjectMetadataAsync(store.Requests.Look(key), token), ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.InnerException is { } fault && S3Errors.IsNotFound(fault))
        {
            return null;
        }
        catch (StoreException e) when (e.InnerException is { } fault && S3Errors.HasNoReason(fault))
        {
            // An answer to HEAD has no body, so no reason: another call about the same is refused with one.
            await HasBelowAsync(path, ct).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<bool> HasBelowAsync(StorePath path, CancellationToken ct)
    {
        string prefix = store.Connection.PrefixOf(path);
        ListObjectsV2Response below = await store.Connection.CallAsync(
            path, token => store.Connection.Client.ListObjectsV2Async(store.Requests.List(prefix, deep: true, null, 1), token), ct).ConfigureAwait(false);
        return below.S3Objects is { Count: > 0 };
    }

    private static StoreEntry WithNotes(StoreEntry entry, MetadataCollection metadata, bool isPlain) => entry with
    {
        Noted = S3Text.ReadMd5(metadata[S3Text.Md5Key]),
        Parted = isPlain ? S3Text.PartedOf(entry.Version, entry.Length, S3Text.ReadPartSize(metadata[S3Text.PartSizeKey])) : null,
    };

    /// <summary>The checksums of the whole object that newer servers keep, as Amazon's does of each one written since the end of 2024.</summary>
    private static IEnumerable<Checksum> WholeSumsOf(GetObjectMetadataResponse response)
    {
        if (response.ChecksumType != ChecksumType.FULL_OBJECT)
        {
            yield break;
        }

        foreach ((ChecksumKind kind, string? text) in ((ChecksumKind, string?)[])
            [(ChecksumKind.Crc64Nvme, response.ChecksumCRC64NVME), (ChecksumKind.Crc32C, response.ChecksumCRC32C), (ChecksumKind.Sha256, response.ChecksumSHA256)])
        {
            if (S3Text.ReadChecksum(kind, text) is { } sum)
            {
                yield return sum;
            }
        }
    }

    private static Timestamp? ModifiedOf(MetadataCollection metadata, DateTime? stored) =>
        S3Text.ReadTime(metadata[S3Text.TimeKey]) ?? (stored is { } moment ? Timestamp.From(new DateTimeOffset(moment.ToUniversalTime())) : null);
}
