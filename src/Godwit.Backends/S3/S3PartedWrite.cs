using Amazon.S3.Model;
using Godwit.Storage;
using Checksum = Godwit.Storage.Checksum;

namespace Godwit.Backends.S3;

/// <summary>Multipart uploads.</summary>
internal sealed class S3PartedWrite(S3Store store) : IPartedWrite
{
    public const long MaxPartBytes = 5L << 30;

    public PartLimits Limits { get; } = new()
    {
        MinBytes = 5 << 20,
        MaxBytes = MaxPartBytes,
        MaxParts = 10_000,
        FindsByTag = false,
        CreateOnlyIsAtomic = false,
        CompletionMayLag = true,
    };

    public IUnpublishedRead? UnpublishedRead => null;

    public IUnpublishedChecksum? UnpublishedChecksum => null;

    public IUploadListing? UploadListing { get; } = new S3UploadListing(store);

    private S3Connection Connection => store.Connection;

    public async ValueTask<PartedUpload> BeginAsync(StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        string key = store.RequireKey(path, null);
        if (tag.Length is 0 or > 32 || !tag.All(char.IsAsciiLetterOrDigit))
        {
            throw S3Store.Refused(path, $"\"{tag}\" is not a tag of at most 32 letters and digits");
        }

        if (options.Expected is not null)
        {
            throw S3Store.Refused(path, "what the bytes must be goes with each part");
        }

        Timestamp modified = store.ModifiedOf(options);
        InitiateMultipartUploadResponse response = await Connection.CallAsync(
            path, token => Connection.Client.InitiateMultipartUploadAsync(store.Requests.Begin(key, modified, options), token), ct).ConfigureAwait(false);
        return new S3Upload(path, tag, response.UploadId, key, length, options.Metadata.PairsAlone ? null : modified, options);
    }

    public async ValueTask<PartedUpload?> ResumeAsync(
        StorePath path, string tag, string? id, long? length, WriteOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (id is null || Connection.KeyOf(path) is not { Length: > 0 } key)
        {
            return null;
        }

        var upload = new S3Upload(path, tag, id, key, length, options.Metadata.Modified, options);
        return await IsThereAsync(upload, ct).ConfigureAwait(false) ? upload : null;
    }

    public async ValueTask<StoredPart> WritePartAsync(
        PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        store.RequireKey(upload.Path, expected);
        if (number < 1 || number > Limits.MaxParts || offset < 0 || source.Length > Limits.MaxBytes)
        {
            throw S3Store.Refused(upload.Path, $"part {number} of {source.Length} bytes at {offset} is outside the limits");
        }

        string key = ((S3Upload)upload).Key;
        UploadPartResponse response = await Connection.SendAsync(
            upload.Path,
            source,
            expected,
            (body, token) => Connection.Client.UploadPartAsync(store.Requests.Part(key, upload.Id, number, body, expected), token),
            ct).ConfigureAwait(false);
        string? etag = S3Text.ETag(response.ETag);
        Checksum? stored = Connection.Options.CustomerKey is null ? S3Text.Md5Of(etag, response.ServerSideEncryptionMethod, null) : null;
        return new StoredPart(number, offset, source.Length, etag, stored);
    }

    public async ValueTask<IReadOnlyList<StoredPart>?> ListPartsAsync(PartedUpload upload, CancellationToken ct)
    {
        var parts = new List<StoredPart>();
        string? after = null;
        do
        {
            ListPartsResponse page = await ListPartsAsync((S3Upload)upload, after, ct).ConfigureAwait(false);
            foreach (PartDetail part in page.Parts ?? [])
            {
                parts.Add(new StoredPart(part.PartNumber ?? 0, -1, part.Size ?? 0, S3Text.ETag(part.ETag)));
            }

            after = page.IsTruncated == true ? page.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
        }
        while (after is not null);
        return parts;
    }

    public async ValueTask<StoreEntry> CompleteAsync(PartedUpload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var ours = (S3Upload)upload;
        RequireWhole(ours, parts);
        if (parts.Count == 0)
        {
            // S3 makes no object out of no parts.
            StoreEntry empty = await store.WriteAsync(upload.Path, WriteSource.From(Array.Empty<byte>()), ours.Options, ct).ConfigureAwait(false);
            await AbortAsync(upload, ct).ConfigureAwait(false);
            return empty;
        }

        if (ours.Options.CreateOnly && await TakenByAsync(ours, ct).ConfigureAwait(false) is { } there)
        {
            return ours.MayBePublishing && IsMadeOf(there, parts, S3Upload.ETagOf(parts)) ? there : throw S3Store.AlreadyThere(upload.Path);
        }

        return await PublishAsync(ours, parts, ct).ConfigureAwait(false);
    }

    /// <remarks>Some servers remove an upload only after its object is there, and one that is aborted in between, or was left over, takes the
    /// object's bytes along (Ceph before 18.2.5, SeaweedFS). So what may have become an object is never aborted: it is left to the bucket's
    /// lifecycle rule.</remarks>
    public async ValueTask<bool> AbortAsync(PartedUpload upload, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var ours = (S3Upload)upload;
        try
        {
            if (await MayBePublishedAsync(ours, ct).ConfigureAwait(false))
            {
                return false;
            }

            await Connection.CallAsync(
                upload.Path, token => Connection.Client.AbortMultipartUploadAsync(store.Requests.Abort(ours.Key, upload.Id), token), ct)
                .ConfigureAwait(false);
        }
        catch (StoreException e) when (IsGone(e))
        {
        }

        return true;
    }

    /// <summary>Whether what stands at the path may be made of the upload.</summary>
    private async ValueTask<bool> MayBePublishedAsync(S3Upload upload, CancellationToken ct)
    {
        if (upload.MayBePublishing)
        {
            return true;
        }

        if (await store.Entries.FileAsync(upload.Path, upload.Key, ct).ConfigureAwait(false) is not { } there)
        {
            return false;
        }

        IReadOnlyList<StoredPart> parts = await ListPartsAsync(upload, ct).ConfigureAwait(false) ?? [];
        return parts.Count > 0 && IsMadeOf(there, parts, S3Upload.ETagOf(parts) ?? there.Version);
    }

    /// <summary>What has the file's name already.</summary>
    private async ValueTask<StoreEntry?> TakenByAsync(S3Upload upload, CancellationToken ct)
    {
        try
        {
            return await store.Entries.FileAsync(upload.Path, upload.Key, ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            e.TookNoEffect = true;
            throw;
        }
    }

    private async ValueTask<StoreEntry> PublishAsync(S3Upload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct)
    {
        bool mayHaveBegun = upload.MayBePublishing;
        upload.MayBePublishing = true;
        try
        {
            CompleteMultipartUploadResponse response = await Connection.CallAsync(
                upload.Path,
                token => Connection.Client.CompleteMultipartUploadAsync(
                    store.Requests.Complete(
                        upload.Key, upload.Id, parts.Select(part => new PartETag(part.Number, part.Token)), upload.Options.CreateOnly),
                    token),
                ct).ConfigureAwait(false);
            string? etag = S3Text.ETag(response.ETag);
            if (Connection.Options.CustomerKey is null)
            {
                upload.Hold(parts, etag, response.ServerSideEncryptionMethod);
            }

            return upload.Modified is { } modified && etag is not null
                ? S3Entries.Of(upload.Path, LengthOf(parts), etag, modified)
                : await OursAsync(upload, parts, etag, ct).ConfigureAwait(false) ?? throw Gone(upload, null);
        }
        catch (StoreException e) when (upload.Options.CreateOnly && e.Kind == StoreErrorKind.PreconditionFailed)
        {
            upload.MayBePublishing = mayHaveBegun;
            throw S3Store.AlreadyThere(upload.Path, e);
        }
        catch (StoreException e) when (e.InnerException is not null && (IsGone(e) || e.Next is NextStep.RepeatCall or NextStep.RepeatCallLater))
        {
            (bool? isThere, StoreEntry? ours) = await AskAsync(upload, parts, ct).ConfigureAwait(false);
            if (isThere != false)
            {
                // Unknown as before where nobody could tell; known to have done nothing yet while the upload is there, whatever stands at the path.
                e.TookNoEffect = isThere == true;
                throw;
            }

            return ours ?? throw Gone(upload, e);
        }
        catch (StoreException e) when (e.Kind is not StoreErrorKind.Unexpected)
        {
            // This call did nothing; an earlier one may still be at work.
            upload.MayBePublishing = mayHaveBegun;
            throw;
        }
    }

    /// <summary>Whether the upload is still there, null where that cannot be told; and what was published where it is not. Ceph's gateway calls
    /// one that is gone an error of its own.</summary>
    private async ValueTask<(bool? IsThere, StoreEntry? Ours)> AskAsync(S3Upload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct)
    {
        try
        {
            return await IsThereAsync(upload, ct).ConfigureAwait(false)
                ? (true, null)
                : (false, await OursAsync(upload, parts, null, ct).ConfigureAwait(false));
        }
        catch (StoreException)
        {
            return (null, null);
        }
    }

    /// <summary>What stands at the path, if it is what was published; null where it is another's, nothing, or cannot be told from another's.</summary>
    /// <param name="upload">The upload, which is no longer there.</param>
    /// <param name="parts">Its parts.</param>
    /// <param name="etag">The ETag that the server told of it; null where it told none: then it is the one that follows from the parts' own.</param>
    /// <param name="ct">Cancels the call.</param>
    private async ValueTask<StoreEntry?> OursAsync(S3Upload upload, IReadOnlyList<StoredPart> parts, string? etag, CancellationToken ct)
    {
        etag ??= S3Upload.ETagOf(parts);
        StoreEntry? there = etag is null ? null : await store.Entries.FileAsync(upload.Path, upload.Key, ct).ConfigureAwait(false);
        return there is not null && IsMadeOf(there, parts, etag) ? there : null;
    }

    private static bool IsMadeOf(StoreEntry there, IReadOnlyList<StoredPart> parts, string? etag) =>
        etag is not null && there.Version == etag && there.Length == LengthOf(parts);

    private async ValueTask<bool> IsThereAsync(S3Upload upload, CancellationToken ct)
    {
        try
        {
            await ListPartsAsync(upload, null, ct).ConfigureAwait(false);
            return true;
        }
        catch (StoreException e) when (IsGone(e))
        {
            return false;
        }
    }

    private async ValueTask<ListPartsResponse> ListPartsAsync(S3Upload upload, string? after, CancellationToken ct) => await Connection.CallAsync(
        upload.Path, token => Connection.Client.ListPartsAsync(store.Requests.ListParts(upload.Key, upload.Id, after), token), ct).ConfigureAwait(false);

    private static void RequireWhole(S3Upload upload, IReadOnlyList<StoredPart> parts)
    {
        long length = 0;
        foreach (StoredPart part in parts)
        {
            if (part.Offset >= 0 && part.Offset != length)
            {
                throw Incomplete(upload, $"part {part.Number} begins at {part.Offset} and those before it end at {length}");
            }

            length += part.Length;
        }

        if (upload.FileLength is { } whole && whole != length)
        {
            throw Incomplete(upload, $"the parts have {length} bytes, the file {whole}");
        }
    }

    private static long LengthOf(IReadOnlyList<StoredPart> parts) => parts.Sum(part => part.Length);

    private static bool IsGone(StoreException e) => e.Kind == StoreErrorKind.NotFound;

    // Of this kind, so that whoever published asks what stands there, and reads it.
    private static StoreException Gone(S3Upload upload, Exception? cause) => new(
        StoreErrorKind.NotFound, $"The upload {upload.Id} is gone, and what stands at \"{upload.Path}\" is not known to be made of it.", cause)
    {
        Path = upload.Path,
        Next = NextStep.RestartFile,
    };

    private static StoreException Incomplete(S3Upload upload, string why) =>
        new(StoreErrorKind.Integrity, $"\"{upload.Path}\" cannot be published: {why}.") { Path = upload.Path };
}
