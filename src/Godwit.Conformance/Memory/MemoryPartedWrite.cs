using System.Globalization;
using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>Multipart uploads as S3 has them.</summary>
internal sealed class MemoryPartedWrite(MemoryStore store) : IPartedWrite, IUnpublishedRead, IUnpublishedChecksum, IUploadListing
{
    public PartLimits Limits { get; } = new() { MinBytes = store.Options.MinPartBytes, MaxParts = store.Options.MaxParts };

    public IUnpublishedRead? UnpublishedRead => store.Options.UnpublishedRead ? this : null;

    public IUnpublishedChecksum? UnpublishedChecksum => store.Options.UnpublishedChecksum ? this : null;

    public IReadOnlyList<ChecksumKind> Kinds { get; } = [ChecksumKind.Md5];

    public IUploadListing? UploadListing => this;

    public async ValueTask<PartedUpload> BeginAsync(
        StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        store.RefuseWhatCannotBe(path, options);
        if (tag.Length is 0 or > 32 || !tag.All(char.IsAsciiLetterOrDigit))
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"\"{tag}\" is not a tag of at most 32 letters and digits.") { Path = path };
        }

        if (options.Expected is not null)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, "What the bytes must be goes with each part.") { Path = path };
        }

        lock (store.Bucket.Gate)
        {
            MemoryUpload upload = Find(path, tag)
                ?? new MemoryUpload("upload-" + store.Bucket.NextGeneration(), tag, store.Absolute(path), length, options, store.Now);
            store.Bucket.Uploads[upload.Id] = upload;
            return new PartedUpload(path, tag, upload.Id);
        }
    }

    public async ValueTask<PartedUpload?> ResumeAsync(
        StorePath path, string tag, string? id, long? length, WriteOptions options, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            return Find(path, tag) is { } upload && (id is null || id == upload.Id) ? new PartedUpload(path, tag, upload.Id) : null;
        }
    }

    public async ValueTask<StoredPart> WritePartAsync(
        PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        if (number < 1 || number > Limits.MaxParts || offset < 0 || source.Length > Limits.MaxBytes)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"Part {number} at {offset} is outside the limits.") { Path = upload.Path };
        }

        store.RefuseWhatCannotBe(upload.Path, new WriteOptions { Expected = expected });
        lock (store.Bucket.Gate)
        {
            Present(upload);
        }

        byte[] content = await MemoryStore.TakeAsync(upload.Path, source, expected, ct).ConfigureAwait(false);
        var part = new MemoryPart(offset, content, MemoryNode.Md5Of(content));
        lock (store.Bucket.Gate)
        {
            Present(upload).Parts[number] = part;
        }

        return new StoredPart(number, offset, content.Length, part.Token, part.Md5);
    }

    /// <summary>Makes content that was fetched the only part.</summary>
    public async ValueTask<StoredPart> ReplaceAsync(PartedUpload upload, byte[] content, CancellationToken ct)
    {
        lock (store.Bucket.Gate)
        {
            Present(upload).Parts.Clear();
        }

        return await WritePartAsync(upload, 1, 0, WriteSource.From(content), null, ct).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<StoredPart>?> ListPartsAsync(PartedUpload upload, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            // Where a part belongs is not in S3's answer, so not in this one.
            return [.. Present(upload).Parts.Select(kept =>
                new StoredPart(kept.Key, -1, kept.Value.Content.Length, kept.Value.Token, kept.Value.Md5))];
        }
    }

    public async ValueTask<StoreEntry> CompleteAsync(PartedUpload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            MemoryUpload kept = Present(upload);
            MemoryPart[] chosen = Choose(kept, upload.Path, parts);
            byte[] content = [.. chosen.SelectMany(part => part.Content)];
            if (kept.Length is { } length && length != content.Length)
            {
                throw Incomplete(upload.Path, $"the parts have {content.Length} bytes, the file {length}");
            }

            StoreEntry entry = chosen.Length == 0
                ? store.Place(upload.Path, content, kept.Options)
                : store.Place(upload.Path, content, kept.Options, ETagOf(chosen), null);
            store.Bucket.Uploads.Remove(kept.Id);
            return entry;
        }
    }

    public async ValueTask<bool> AbortAsync(PartedUpload upload, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            store.Bucket.Uploads.Remove(upload.Id);
            return true;
        }
    }

    public async ValueTask<UploadPage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            StorePath absolute = store.Absolute(directory);
            return new UploadPage(
                [.. store.Bucket.Uploads.Values.Where(upload => upload.Absolute.IsBelow(absolute))
                    .Select(upload => new UploadUnderWay(store.Relative(upload.Absolute), upload.Id, upload.Begun))],
                null);
        }
    }

    public async ValueTask<Stream> OpenRangeAsync(PartedUpload upload, long offset, long length, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            byte[] content = [.. Present(upload).Parts.Values.SelectMany(part => part.Content)];
            return MemoryStore.Range(content, offset, length);
        }
    }

    public async ValueTask<Checksum?> GetAsync(PartedUpload upload, ChecksumKind kind, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            byte[] content = [.. Present(upload).Parts.Values.SelectMany(part => part.Content)];
            return kind == ChecksumKind.Md5 ? MemoryNode.Md5Of(content) : null;
        }
    }

    private MemoryPart[] Choose(MemoryUpload kept, StorePath path, IReadOnlyList<StoredPart> parts)
    {
        var chosen = new MemoryPart[parts.Count];
        long offset = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            if (!kept.Parts.TryGetValue(parts[i].Number, out MemoryPart? part) || part.Token != parts[i].Token || part.Offset != offset
                || (i > 0 && parts[i].Number <= parts[i - 1].Number))
            {
                throw Incomplete(path, $"part {parts[i].Number} is missing or not the one named");
            }

            if (i < parts.Count - 1 && part.Content.Length < Limits.MinBytes)
            {
                throw new StoreException(StoreErrorKind.InvalidRequest, $"Part {parts[i].Number} is smaller than {Limits.MinBytes} bytes.") { Path = path };
            }

            chosen[i] = part;
            offset += part.Content.Length;
        }

        return chosen;
    }

    private MemoryUpload? Find(StorePath path, string tag) =>
        store.Bucket.Uploads.Values.FirstOrDefault(upload => upload.Tag == tag && upload.Absolute == store.Absolute(path));

    private MemoryUpload Present(PartedUpload upload) => store.Bucket.Uploads.GetValueOrDefault(upload.Id)
        ?? throw new StoreException(StoreErrorKind.NotFound, $"The upload {upload.Id} is gone.") { Path = upload.Path };

    private static StoreException Incomplete(StorePath path, string why) =>
        new(StoreErrorKind.Integrity, $"\"{path}\" cannot be published: {why}.") { Path = path };

    private static string ETagOf(MemoryPart[] parts)
    {
        byte[] sums = [.. parts.SelectMany(part => part.Md5.Value.ToArray())];
        return MemoryNode.Md5Of(sums).Hex + "-" + parts.Length.ToString(CultureInfo.InvariantCulture);
    }
}
