using System.Security.Cryptography;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Copies within the server by the extension <c>copy-data</c> (OpenSSH 9.0).</summary>
internal sealed class SftpServerCopy(SftpTree tree, SftpUploadFiles files, SftpPartedWrite parts, StoreIdentity own) : IServerCopy
{
    /// <summary>Copied by one request: the server answers nothing else meanwhile.</summary>
    private const long PieceBytes = 64L << 20;

    public bool CanCopyFrom(StoreIdentity source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.Space == own.Space;
    }

    public async ValueTask<StoreEntry> CopyAsync(
        StoreIdentity source, StorePath from, string? version, StorePath to, WriteOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        SftpSession first = await tree.SessionAsync(ct).ConfigureAwait(false);
        if (!first.Extensions.Contains(Extension.Copy))
        {
            throw SftpErrors.Of(StoreErrorKind.Unsupported, to, "cannot be copied on the server, which lacks copy-data");
        }

        // It need not lie below this store's root.
        byte[] place = [(byte)'/', .. source.Absolute(from).Bytes];
        SftpAttributes found = await first.LookAsync(place, from).ConfigureAwait(false)
            ?? throw SftpErrors.Of(StoreErrorKind.NotFound, from, "could not be copied: nothing is there");
        SftpRead.RequireFile(found, from);
        SftpUpload upload = await files.MakeAsync(to, RandomNumberGenerator.GetHexString(16, lowercase: true), options, ct).ConfigureAwait(false);
        try
        {
            long length = await CopyIntoAsync(upload, place, from, version, ct).ConfigureAwait(false);
            return await parts.CompleteAsync(upload, [new StoredPart(1, 0, length)], ct).ConfigureAwait(false);
        }
        catch
        {
            await parts.TryAbortAsync(upload).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<long> CopyIntoAsync(SftpUpload upload, byte[] place, StorePath from, string? version, CancellationToken ct)
    {
        using SftpOpenUpload open = await files.UseAsync(upload, spread: null, ct).ConfigureAwait(false);
        SftpSession session = open.Session;
        Reply opened = await session.OpenAsync(place, OpenFlags.Read).ConfigureAwait(false);
        if (opened.Status is not null)
        {
            throw SftpErrors.Translate(opened, "copied", from);
        }

        byte[] handle = opened.Handle();
        try
        {
            SftpAttributes pinned = await session.LookAtHandleAsync(handle, from).ConfigureAwait(false);
            StoreEntry entry = SftpEntries.From(from, pinned);
            upload.IsUnsynced = true;
            for (long done = 0; done < entry.Length; done += PieceBytes)
            {
                ct.ThrowIfCancellationRequested();
                await CopyPieceAsync(open, handle, done, Math.Min(PieceBytes, entry.Length - done), upload.Path).ConfigureAwait(false);
            }

            await open.CloseAsync(upload.Path).ConfigureAwait(false);
            bool isSame = SftpEntries.IsSameContent(await session.LookAtHandleAsync(handle, from).ConfigureAwait(false), pinned);
            return isSame && (version is null || version == entry.Version)
                ? entry.Length
                : throw SftpErrors.Of(StoreErrorKind.PreconditionFailed, from, "is another version now");
        }
        finally
        {
            session.Close(handle);
        }
    }

    private static async Task CopyPieceAsync(SftpOpenUpload to, byte[] from, long offset, long length, StorePath path)
    {
        Reply copied = await to.Session.SendAsync(PacketBuilder.Extended(Extension.Copy)
            .String(from).UInt64((ulong)offset).UInt64((ulong)length).String(to.Handle).UInt64((ulong)offset)).ConfigureAwait(false);
        if (copied.Status != StatusCode.Ok)
        {
            throw await SftpSpace.ExplainAsync(to.Session, to.Handle, copied, length, path).ConfigureAwait(false);
        }
    }
}
