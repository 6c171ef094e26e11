using System.Security.Cryptography;
using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Writes under a partial name beside the final one, and renames.</summary>
internal sealed class LocalPartedWrite(LocalTree tree, LocalOptions options) : IPartedWrite, IUnpublishedRead
{
    private readonly UploadFiles _files = new(tree, options);

    public PartLimits Limits { get; } = new();

    public IUnpublishedRead? UnpublishedRead => this;

    public IUnpublishedChecksum? UnpublishedChecksum => null;

    public IUploadListing? UploadListing => null;

    public ValueTask<PartedUpload> BeginAsync(StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct) =>
        LocalCall.Run((_files, path, tag, length, options), static c => (PartedUpload)c._files.Make(c.path, c.tag, c.length, c.options), ct);

    public ValueTask<PartedUpload?> ResumeAsync(
        StorePath path, string tag, string? id, long? length, WriteOptions options, CancellationToken ct) =>
        LocalCall.Run((_files, path, tag, id, options), static c => (PartedUpload?)c._files.Find(c.path, c.tag, c.id, c.options), ct);

    public async ValueTask<StoredPart> WritePartAsync(
        PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        LocalUpload own = Own(upload);
        if (number < 1 || offset < 0)
        {
            throw LocalErrors.Of(StoreErrorKind.InvalidRequest, own.Path, $"cannot have part {number} at {offset}: parts count from 1, bytes from 0");
        }

        if (expected is not null)
        {
            throw LocalErrors.Of(StoreErrorKind.InvalidRequest, own.Path, "cannot be written against a checksum: this store computes none");
        }

        using OpenUpload open = _files.Use(own);
        try
        {
            await new PartWriter(open.File, own.Path, options.Sparse).WriteAsync(offset, source, ct).ConfigureAwait(false);
        }
        catch (ObjectDisposedException) when (open.File.IsClosed)
        {
            throw UploadFiles.Gone(own);
        }

        return new StoredPart(number, offset, source.Length);
    }

    public ValueTask<IReadOnlyList<StoredPart>?> ListPartsAsync(PartedUpload upload, CancellationToken ct) =>
        LocalCall.Run(upload, static _ => (IReadOnlyList<StoredPart>?)null, ct);

    public ValueTask<StoreEntry> CompleteAsync(PartedUpload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct) =>
        LocalCall.Run((this, upload, parts), static c => c.Item1.Complete(Own(c.upload), c.parts), ct);

    public ValueTask<bool> AbortAsync(PartedUpload upload, CancellationToken ct) => LocalCall.Run(
        (this, upload),
        static c =>
        {
            c.Item1.Abort(Own(c.upload));
            return true;
        },
        ct);

    public ValueTask<Stream> OpenRangeAsync(PartedUpload upload, long offset, long length, CancellationToken ct) =>
        LocalCall.Run((_files, upload, offset, length), static c => (Stream)OpenRange(c._files, Own(c.upload), c.offset, c.length), ct);

    /// <summary>Writes a whole file; a failure or cancellation leaves nothing of it.</summary>
    public async ValueTask<StoreEntry> WriteWholeAsync(StorePath path, WriteSource source, WriteOptions write, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        LocalUpload upload = BeginWhole(path, source.Length, write);
        try
        {
            StoredPart part = await WritePartAsync(upload, 1, 0, source, null, ct).ConfigureAwait(false);
            return Complete(upload, [part]);
        }
        catch
        {
            Abort(upload);
            throw;
        }
    }

    /// <summary>Begins an upload that this call alone will end.</summary>
    public LocalUpload BeginWhole(StorePath path, long? length, WriteOptions write)
    {
        LocalUpload upload = _files.Make(path, RandomNumberGenerator.GetHexString(16, lowercase: true), length, write);
        if (!write.CreateOnly || tree.TryFindUnfollowed(path, out Place place) < 0)
        {
            return upload;
        }

        // The rename decides; asking first only saves the bytes.
        using (place)
        {
            if (place.Stat(out _) < 0)
            {
                return upload;
            }
        }

        Abort(upload);
        throw LocalErrors.Translate(Errno.Exists, "written", path);
    }

    /// <summary>Writes into an upload's file by another way than parts.</summary>
    public OpenUpload Use(LocalUpload upload) => _files.Use(upload);

    /// <summary>Publishes the file.</summary>
    public StoreEntry Complete(LocalUpload upload, IReadOnlyList<StoredPart> parts)
    {
        long length = TotalOf(parts, upload);
        using OpenUpload open = _files.Use(upload);
        int error = tree.TryFindUnfollowed(upload.Path, out Place final);
        if (error < 0)
        {
            throw error is -Errno.NoEntry or -Errno.NotDirectory ? UploadFiles.Gone(upload) : LocalErrors.Translate(error, "published", upload.Path);
        }

        using (final)
        {
            Place partial = upload.PartialBeside(final);
            Statx written = RequireWhole(open.File, partial, length, upload);
            SetMetadata(open.File, written, upload);
            Publishing.Rename(partial, final, upload.Options.CreateOnly, upload.Path);
        }

        LocalErrors.Check(Posix.Stat(open.File, out Statx facts), "looked at", upload.Path);
        _files.Release(upload);
        return LocalEntries.From(upload.Path, facts);
    }

    /// <summary>Removes the partial file.</summary>
    public void Abort(LocalUpload upload)
    {
        _files.Release(upload);
        int error = tree.TryFindUnfollowed(upload.Path, out Place final);
        using (final)
        {
            error = error < 0 ? error : upload.PartialBeside(final).Unlink();
        }

        if (error is not (-Errno.NoEntry or -Errno.NotDirectory))
        {
            LocalErrors.Check(error, "aborted", upload.Path);
        }
    }

    private static Statx RequireWhole(Descriptor file, in Place partial, long length, LocalUpload upload)
    {
        LocalErrors.Check(Posix.Stat(file, out Statx facts), "published", upload.Path);

        // The directory may have been replaced, the partial file deleted: only the file that was written gets the name.
        int error = partial.Stat(out Statx named);
        if (error == -Errno.NoEntry || (error == 0 && !named.IsSameInode(facts)))
        {
            throw UploadFiles.Gone(upload);
        }

        LocalErrors.Check(error, "published", upload.Path);
        if (facts.Length != length)
        {
            throw LocalErrors.Of(StoreErrorKind.Integrity, upload.Path, $"has {facts.Length} bytes under its partial name and its parts have {length}");
        }

        return facts;
    }

    private static void SetMetadata(Descriptor file, in Statx written, LocalUpload upload)
    {
        const string Action = "given its mode and time";
        if (upload.Options.Metadata.Mode is { } mode && (mode & 0x1ff) != written.Mode)
        {
            LocalErrors.Check(Posix.SetMode(file, mode & 0x1ff), Action, upload.Path);
        }

        if (upload.Options.Metadata.Modified is { } modified)
        {
            LocalErrors.Check(Posix.SetModified(file, TimeSpec.From(modified)), Action, upload.Path);
        }
    }

    private static long TotalOf(IReadOnlyList<StoredPart> parts, LocalUpload upload)
    {
        long total = 0;
        foreach (StoredPart part in parts)
        {
            if (part.Offset >= 0 && part.Offset != total)
            {
                throw LocalErrors.Of(StoreErrorKind.Integrity, upload.Path, $"lacks the bytes from {total} on: part {part.Number} begins at {part.Offset}");
            }

            total += part.Length;
        }

        return total;
    }

    private static LocalBody OpenRange(UploadFiles files, LocalUpload upload, long offset, long length)
    {
        LocalFile.RequireRange(offset, length, upload.Path);
        using OpenUpload open = files.Use(upload);
        LocalErrors.Check(Posix.Stat(open.File, out Statx facts), "read again", upload.Path);

        // A duplicate, so that publishing or aborting meanwhile does not take the file away from the reader.
        var file = new Descriptor(LocalErrors.Check(Posix.Duplicate(open.File), "read again", upload.Path));
        return new LocalBody(file, upload.Path, offset, Math.Clamp(facts.Length - offset, 0, length)) { PastCache = true };
    }

    private static LocalUpload Own(PartedUpload upload) => upload as LocalUpload
        ?? throw new StoreException(StoreErrorKind.InvalidRequest, "The upload was begun with another store.");
}
