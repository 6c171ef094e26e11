using System.Security.Cryptography;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Writes under a partial name beside the final one, and renames.</summary>
internal sealed class SftpPartedWrite(SftpTree tree, SftpUploadFiles files, SftpRead reading, PartLimits limits) : IPartedWrite, IUnpublishedRead
{
    private readonly SftpPublishing _publishing = new(tree);

    public PartLimits Limits { get; } = limits;

    public IUnpublishedRead? UnpublishedRead => this;

    public IUnpublishedChecksum? UnpublishedChecksum { get; init; }

    public IUploadListing? UploadListing => null;

    public async ValueTask<PartedUpload> BeginAsync(StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return await files.MakeAsync(path, tag, options, ct).ConfigureAwait(false);
    }

    public async ValueTask<PartedUpload?> ResumeAsync(
        StorePath path, string tag, string? id, long? length, WriteOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return await files.FindAsync(path, tag, id, options, ct).ConfigureAwait(false);
    }

    public async ValueTask<StoredPart> WritePartAsync(
        PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        SftpUpload own = Own(upload);
        if (number < 1 || offset < 0)
        {
            throw SftpErrors.Of(StoreErrorKind.InvalidRequest, own.Path, $"cannot have part {number} at {offset}: parts count from 1, bytes from 0");
        }

        if (expected is not null)
        {
            throw SftpErrors.Of(StoreErrorKind.InvalidRequest, own.Path, "cannot be written against a checksum: the protocol has none");
        }

        // Large parts of one file go over several connections.
        using SftpOpenUpload open = await files.UseAsync(own, spread: source.Length >= SftpConnections.LargeBytes ? source.Length : null, ct).ConfigureAwait(false);
        own.IsUnsynced = true;
        await new SftpPartWriter(open, own.Path).WriteAsync(offset, source, ct).ConfigureAwait(false);
        return new StoredPart(number, offset, source.Length);
    }

    public ValueTask<IReadOnlyList<StoredPart>?> ListPartsAsync(PartedUpload upload, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<StoredPart>?>(null);
    }

    public async ValueTask<StoreEntry> CompleteAsync(PartedUpload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        SftpUpload own = Own(upload);
        long length = TotalOf(parts, own);
        using SftpOpenUpload open = await files.UseAsync(own, spread: null, ct).ConfigureAwait(false);
        SftpAttributes written = await files.LookAsync(open.Session, own, ct).ConfigureAwait(false) ?? throw SftpUploadFiles.Gone(own);
        if (written.Length != length)
        {
            throw SftpErrors.Of(
                StoreErrorKind.Integrity, own.Path, $"has {written.Length} bytes under its partial name and its parts have {length}");
        }

        await SetMetadataAsync(open, written, own).ConfigureAwait(false);
        await SyncAsync(open, own).ConfigureAwait(false);

        // Its handles are closed first: some servers do not rename what is open.
        own.Release();
        await _publishing.RenameAsync(open.Session, files.PartialPlace(own), own.Path, own.Options.CreateOnly).ConfigureAwait(false);
        SftpAttributes published = await open.Session.LookAsync(tree.Place(own.Path), own.Path).ConfigureAwait(false)
            ?? throw SftpErrors.Of(StoreErrorKind.NotFound, own.Path, "was published and is gone");
        return SftpEntries.From(own.Path, published);
    }

    public async ValueTask<bool> AbortAsync(PartedUpload upload, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        await AbortAsync(Own(upload), ct).ConfigureAwait(false);
        return true;
    }

    public async ValueTask<Stream> OpenRangeAsync(PartedUpload upload, long offset, long length, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        SftpUpload own = Own(upload);
        SftpRead.RequireRange(offset, length, own.Path);

        // A handle of its own, so that publishing or aborting meanwhile does not take the file away from the reader.
        SftpSession session = await tree.SessionForBodyAsync(length, ct).ConfigureAwait(false);
        try
        {
            SftpAttributes found = await files.LookAsync(session, own, ct).ConfigureAwait(false) ?? throw SftpUploadFiles.Gone(own);
            Reply opened = await session.OpenAsync(files.PartialPlace(own), OpenFlags.Read).ConfigureAwait(false);
            if (opened.Status is not null)
            {
                throw SftpErrors.Translate(opened, "read again", own.Path);
            }

            long start = Math.Min(offset, found.Length ?? 0);
            long end = start + Math.Min(length, (found.Length ?? 0) - start);
            return reading.Body(session, opened.Handle(), own.Path, (start, end), opened: null);
        }
        catch
        {
            session.CountStream(-1);
            throw;
        }
    }

    /// <summary>Writes a whole file; a failure or cancellation leaves nothing of it.</summary>
    public async ValueTask<StoreEntry> WriteWholeAsync(StorePath path, WriteSource source, WriteOptions write, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        SftpUpload upload = await files.MakeAsync(path, RandomNumberGenerator.GetHexString(16, lowercase: true), write, ct).ConfigureAwait(false);
        try
        {
            await RequireFreeAsync(upload, ct).ConfigureAwait(false);
            StoredPart part = await WritePartAsync(upload, 1, 0, source, null, ct).ConfigureAwait(false);
            return await CompleteAsync(upload, [part], ct).ConfigureAwait(false);
        }
        catch
        {
            await TryAbortAsync(upload).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Brings an upload's bytes to the medium, where the server can.</summary>
    public async Task SyncAsync(SftpUpload upload, CancellationToken ct)
    {
        using SftpOpenUpload open = await files.UseAsync(upload, spread: null, ct).ConfigureAwait(false);
        upload.IsUnsynced = true;
        await SyncAsync(open, upload).ConfigureAwait(false);
    }

    private static async Task SyncAsync(SftpOpenUpload open, SftpUpload upload)
    {
        if (upload.IsUnsynced && open.Session.Extensions.Contains(Extension.Sync))
        {
            (await open.Session.SyncAsync(open.Handle).ConfigureAwait(false)).RequireOk("brought to the medium", upload.Path);
        }

        upload.IsUnsynced = false;
    }

    /// <summary>The rename decides; asking first only saves the bytes.</summary>
    private async Task RequireFreeAsync(SftpUpload upload, CancellationToken ct)
    {
        if (upload.Options.CreateOnly)
        {
            SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
            if (await tree.LookAsync(session, upload.Path, ct).ConfigureAwait(false) is not null)
            {
                throw SftpErrors.Of(StoreErrorKind.AlreadyExists, upload.Path, "could not be written: something is there already");
            }
        }
    }

    private async Task AbortAsync(SftpUpload upload, CancellationToken ct)
    {
        upload.Release();
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        Reply removed = await session.RemoveAsync(files.PartialPlace(upload)).ConfigureAwait(false);
        if (SftpErrors.Meant(removed) is not (StatusCode.NoSuchFile or StatusCode.NoSuchPath))
        {
            removed.RequireOk("aborted", upload.Path);
        }
    }

    public async Task TryAbortAsync(SftpUpload upload)
    {
        try
        {
            // What broke off the write may have broken the connection too: another one is opened, for as long as that takes.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), tree.Connections.Time);
            await AbortAsync(upload, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // The first failure is the one to tell.
        }
    }

    private static async Task SetMetadataAsync(SftpOpenUpload open, SftpAttributes written, SftpUpload upload)
    {
        WriteMetadata metadata = upload.Options.Metadata;
        int? mode = metadata.Mode is { } wanted && (wanted & 0x1ff) != (written.Mode & 0xfff) ? wanted & 0x1ff : null;
        (uint, uint)? times = metadata.Modified is { } modified
            ? (written.Accessed ?? SftpEntries.Seconds(modified), SftpEntries.Seconds(modified))
            : null;
        if (mode is not null || times is not null)
        {
            Reply set = await open.Session.SendAsync(
                new PacketBuilder(PacketType.FSetStat).String(open.Handle).Attributes(mode, times)).ConfigureAwait(false);
            set.RequireOk("given its mode and time", upload.Path);
        }
    }

    private static long TotalOf(IReadOnlyList<StoredPart> parts, SftpUpload upload)
    {
        long total = 0;
        foreach (StoredPart part in parts)
        {
            if (part.Offset >= 0 && part.Offset != total)
            {
                throw SftpErrors.Of(StoreErrorKind.Integrity, upload.Path, $"lacks the bytes from {total} on: part {part.Number} begins at {part.Offset}");
            }

            total += part.Length;
        }

        return total;
    }

    internal static SftpUpload Own(PartedUpload upload) => upload as SftpUpload
        ?? throw new StoreException(StoreErrorKind.InvalidRequest, "The upload was begun with another store.");
}
