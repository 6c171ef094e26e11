using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Writes a file as payloads, one for each part, and publishes it by its record.</summary>
/// <param name="objects">The box.</param>
/// <param name="publishing">Publishes.</param>
/// <param name="writing">Stores parts.</param>
internal sealed class DropBoxPartedWrite(DropBoxObjects objects, DropBoxPublishing publishing, DropBoxWriting writing) : IPartedWrite
{
    /// <inheritdoc/>
    public PartLimits Limits { get; } = new()
    {
        MaxBytes = DropBoxWriting.MostPartBytes,
        MaxParts = DropBoxWriting.MostParts,
        IsThereWhenBegun = false,
        CreateOnlyIsAtomic = false,
        CompletionMayLag = objects.Inner.PartedWrite?.Limits.CompletionMayLag == true,
    };

    /// <inheritdoc/>
    public IUnpublishedRead? UnpublishedRead => null;

    /// <inheritdoc/>
    public IUnpublishedChecksum? UnpublishedChecksum => null;

    /// <inheritdoc/>
    public IUploadListing? UploadListing => null;

    /// <inheritdoc/>
    public async ValueTask<PartedUpload> BeginAsync(StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct)
    {
        DropBoxUpload upload = Named(path, tag, length, options, publishing.Moment);
        await objects.RequireFormatAsync(ct).ConfigureAwait(false);
        if (options.CreateOnly)
        {
            // Nothing is sent that could not be published.
            await publishing.RequireFreeAsync(path, ct).ConfigureAwait(false);
        }

        return upload;
    }

    /// <inheritdoc/>
    public async ValueTask<PartedUpload?> ResumeAsync(
        StorePath path, string tag, string? id, long? length, WriteOptions options, CancellationToken ct)
    {
        DropBoxUpload upload = Named(path, tag, length, options, null);
        await objects.RequireFormatAsync(ct).ConfigureAwait(false);
        bool isThere = (id is null || id == tag)
            && (await objects.PayloadAsync(tag, ct).ConfigureAwait(false)).Count > 0
            && !await WasPublishedAsync(upload, ct).ConfigureAwait(false);
        return isThere ? upload : null;
    }

    /// <inheritdoc/>
    public async ValueTask<StoredPart> WritePartAsync(
        PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        DropBoxUpload own = Kept(upload);
        if (number is < 1 or > DropBoxWriting.MostParts || offset < 0 || source.Length is < 0 or > DropBoxWriting.MostPartBytes)
        {
            throw DropBoxWriting.Refused(own.Path, $"part {number} of {source.Length} bytes at {offset} is outside the limits");
        }

        writing.RequireKind(expected, own.Path);
        await objects.MakeFormatAsync(ct).ConfigureAwait(false);
        Stream content = await source.OpenAsync(ct).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            PackedPart packed = await writing.PackAsync(content, source.Length, own.Path, ct).ConfigureAwait(false);
            await PackPart.RequireEndAsync(content, source.Length, own.Path, ct).ConfigureAwait(false);
            DropBoxWriting.RequireSame(expected, packed.Checksum, own.Path);
            DropBoxPart part = await writing.StoreAsync(own.Id, number, offset, source.Length, packed, ct).ConfigureAwait(false);
            return new StoredPart(number, offset, source.Length, part.Token);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredPart>?> ListPartsAsync(PartedUpload upload, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<StoredPart>?>(null);
    }

    /// <inheritdoc/>
    public async ValueTask<StoreEntry> CompleteAsync(PartedUpload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        DropBoxUpload own = Kept(upload);
        DropBoxPart[] chosen =
        [
            .. parts.Select(part => DropBoxPart.From(part) ?? throw Incomplete(own.Path, $"part {part.Number} was not written to a drop box")),
        ];
        long length = chosen.Sum(part => part.Length);
        if (DropBoxRecord.Fault(chosen, own.FileLength ?? length) is { } fault)
        {
            throw Incomplete(own.Path, fault);
        }

        await RequireThereAsync(own, chosen, ct).ConfigureAwait(false);
        DropBoxRecord record = writing.Record(own.Path, own.Id, chosen, own.Options.Metadata);
        bool isOld = own.Begun is not { } begun || publishing.IsLongSince(begun);
        await publishing.PublishAsync(record, own.Options.CreateOnly, isOld, ct).ConfigureAwait(false);
        own.IsPublished = true;
        return record.ToEntry();
    }

    /// <inheritdoc/>
    public async ValueTask<bool> AbortAsync(PartedUpload upload, CancellationToken ct)
    {
        await objects.RequireFormatAsync(ct).ConfigureAwait(false);
        DropBoxUpload own = Own(upload);
        if (!own.IsPublished && !await WasPublishedAsync(own, ct).ConfigureAwait(false))
        {
            own.IsThrownAway = true;
            await objects.DropAsync(own.Path, own.Id, ct).ConfigureAwait(false);
        }

        return true;
    }

    private async ValueTask RequireThereAsync(DropBoxUpload upload, DropBoxPart[] parts, CancellationToken ct)
    {
        var there = (await objects.PayloadAsync(upload.Id, ct).ConfigureAwait(false))
            .Where(entry => DropBoxLayout.PartNumber(entry.Path.Name) is not null)
            .ToDictionary(entry => DropBoxLayout.PartNumber(entry.Path.Name)!.Value, entry => entry.Length);
        if (parts.Length > 0 && there.Count == 0)
        {
            throw Gone(upload);
        }

        if (parts.FirstOrDefault(part => !there.TryGetValue(part.Number, out long length) || length != part.StoredLength) is { } missing)
        {
            throw Incomplete(upload.Path, $"part {missing.Number} is missing or not the one named");
        }
    }

    private async ValueTask<bool> WasPublishedAsync(DropBoxUpload upload, CancellationToken ct) =>
        await objects.NewestAsync(upload.Path, ct).ConfigureAwait(false) is { } record && record.Id == upload.Id;

    private DropBoxUpload Named(StorePath path, string tag, long? length, WriteOptions options, long? begun)
    {
        writing.RequireName(path);
        if (!DropBoxLayout.IsId(tag))
        {
            throw DropBoxWriting.Refused(path, $"\"{tag}\" is not a tag of at most {DropBoxLayout.IdLength} letters and digits");
        }

        return options.Expected is null
            ? new DropBoxUpload(path, tag, length, options) { Begun = begun }
            : throw DropBoxWriting.Refused(path, "what the bytes must be goes with each part");
    }

    private static DropBoxUpload Kept(PartedUpload upload) => Own(upload) is { IsThrownAway: false } own ? own : throw Gone(upload);

    private static DropBoxUpload Own(PartedUpload upload) => upload as DropBoxUpload
        ?? throw new StoreException(StoreErrorKind.InvalidRequest, "The upload was begun with another store.");

    private static StoreException Gone(PartedUpload upload) =>
        new(StoreErrorKind.NotFound, $"The upload {upload.Id} of \"{upload.Path}\" is gone.") { Path = upload.Path };

    private static StoreException Incomplete(StorePath path, string why) =>
        new(StoreErrorKind.Integrity, $"\"{path}\" cannot be published: {why}.") { Path = path };
}
