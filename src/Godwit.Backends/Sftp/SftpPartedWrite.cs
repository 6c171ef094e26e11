using System.Security.Cryptography;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Writes under a partial name beside the final one, and renames.</summary>
internal sealed class SftpPartedWrite(SftpTree tree, SftpUploadFiles files, SftpRead reading, SftpSyncedFiles done, PartLimits limits)
    : IPartedWrite, IUnpublishedRead
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
        await open.CloseAsync(own.Path).ConfigureAwait(false);
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
        long length = own.TotalOf(parts);

        // Looked at before it has the name: a moment later that may be the file of another writer.
        (SftpSession session, SftpAttributes published) = await FinishAsync(own, length, ct).ConfigureAwait(false);
        await _publishing.RenameAsync(session, files.PartialPlace(own), own.Path, own.Options.CreateOnly).ConfigureAwait(false);
        if (session.Syncs)
        {
            done.Add(own.Path);
        }

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
        await open.CloseAsync(upload.Path).ConfigureAwait(false);
    }

    private static async Task SyncAsync(SftpOpenUpload open, SftpUpload upload)
    {
        if (upload.IsUnsynced && open.Session.Syncs)
        {
            (await open.Session.SyncAsync(open.Handle).ConfigureAwait(false)).RequireKept("brought to the medium", upload.Path);
        }

        upload.IsUnsynced = false;
    }

    /// <summary>Gives the partial file its mode and time and closes it wherever it is open: afterwards it only lacks its name. Some servers do
    /// not rename what is open, and a server without syncs tells by the close alone whether all was kept.</summary>
    private async Task<(SftpSession Session, SftpAttributes Written)> FinishAsync(SftpUpload upload, long length, CancellationToken ct)
    {
        SftpSession any = await tree.SessionAsync(ct).ConfigureAwait(false);
        if (!any.Syncs)
        {
            // Not opened again: that close would come after the proof.
            await upload.CloseAsync().ConfigureAwait(false);
            byte[] place = files.PartialPlace(upload);
            PacketBuilder ByName() => new PacketBuilder(PacketType.SetStat, place.Length + 64).String(place);
            return (any, await DescribeAsync(any, ByName, upload, length, ct).ConfigureAwait(false));
        }

        using SftpOpenUpload open = await files.UseAsync(upload, spread: null, ct).ConfigureAwait(false);
        PacketBuilder ByHandle() => new PacketBuilder(PacketType.FSetStat).String(open.Handle);
        SftpAttributes written = await DescribeAsync(open.Session, ByHandle, upload, length, ct).ConfigureAwait(false);
        await SyncAsync(open, upload).ConfigureAwait(false);
        await Task.WhenAll(open.CloseAsync(upload.Path), upload.CloseAsync()).ConfigureAwait(false);
        return (open.Session, written);
    }

    private async Task<SftpAttributes> LookAsync(SftpSession session, SftpUpload upload, long length, CancellationToken ct)
    {
        SftpAttributes written = await files.LookAsync(session, upload, ct).ConfigureAwait(false) ?? throw SftpUploadFiles.Gone(upload);
        return written.Length == length
            ? written
            : throw SftpErrors.Of(
                StoreErrorKind.Integrity, upload.Path, $"has {written.Length} bytes under its partial name and its parts have {length}");
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

    /// <summary>Gives the partial file its time and mode, and tells what it is then. The time is set unseen, which saves a look at each file;
    /// a mode only where it is another one: not every file system takes any.</summary>
    private async Task<SftpAttributes> DescribeAsync(
        SftpSession session, Func<PacketBuilder> change, SftpUpload upload, long length, CancellationToken ct)
    {
        WriteMetadata metadata = upload.Options.Metadata;
        Task timed = Task.CompletedTask;
        if (metadata.Modified is { } modified)
        {
            uint now = SftpEntries.Seconds(Timestamp.From(tree.Connections.Time.GetUtcNow()));
            timed = SetAsync(session, change().Attributes(null, (now, SftpEntries.Seconds(modified))), upload);
        }

        if (!session.AnswersInTurn)
        {
            await timed.ConfigureAwait(false);
        }

        Task<SftpAttributes> looked = LookAsync(session, upload, length, ct);
        await Task.WhenAll(timed, looked).ConfigureAwait(false);
        SftpAttributes written = await looked.ConfigureAwait(false);
        if (metadata.Mode is not { } mode || (mode & 0x1ff) == (written.Mode & 0xfff))
        {
            return written;
        }

        await SetAsync(session, change().Attributes(mode & 0x1ff), upload).ConfigureAwait(false);
        return await LookAsync(session, upload, length, ct).ConfigureAwait(false);
    }

    private static async Task SetAsync(SftpSession session, PacketBuilder change, SftpUpload upload) =>
        (await session.SendAsync(change).ConfigureAwait(false)).RequireOk("given its mode and time", upload.Path);

    internal static SftpUpload Own(PartedUpload upload) => upload as SftpUpload
        ?? throw new StoreException(StoreErrorKind.InvalidRequest, "The upload was begun with another store.");
}
