using Godwit.Backends.Local;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Makes, finds and opens partial files, and keeps some of them open.</summary>
internal sealed class SftpUploadFiles(SftpTree tree, StoreLimits limits, StorePath root)
{
    private const int OrdinaryMode = 0x1b6;
    private const int PrivateMode = 0x180;
    private const OpenFlags ReadWrite = OpenFlags.Read | OpenFlags.Write;

    /// <summary>Makes the partial file, or takes up the one of the same tag.</summary>
    public async Task<SftpUpload> MakeAsync(StorePath path, string tag, WriteOptions write, CancellationToken ct)
    {
        SftpUpload upload = Named(path, tag, write);
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        for (int attempt = 1; ; attempt++)
        {
            await tree.MakeDirectoriesAsync(session, path.Parent, ct).ConfigureAwait(false);
            Reply made = await OpenNewAsync(session, upload, ct).ConfigureAwait(false);
            if (made.Status is null)
            {
                await KeepOrCloseAsync(session, upload, made.Handle()).ConfigureAwait(false);
                return upload;
            }

            // Its directory was there a moment ago.
            if (attempt > 1 || SftpErrors.Meant(made) is not (StatusCode.NoSuchFile or StatusCode.NoSuchPath))
            {
                throw SftpErrors.Translate(made, "written", path);
            }

            tree.Forget(path.Parent);
        }
    }

    /// <summary>The upload of an earlier run; null when its partial file is gone.</summary>
    public async Task<SftpUpload?> FindAsync(StorePath path, string tag, string? id, WriteOptions write, CancellationToken ct)
    {
        SftpUpload upload = Named(path, tag, write);
        if (id is not null && id != upload.Id)
        {
            return null;
        }

        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        return await LookAsync(session, upload, ct).ConfigureAwait(false) is null ? null : upload;
    }

    /// <summary>What is under the partial name; null when it is gone.</summary>
    public async Task<SftpAttributes?> LookAsync(SftpSession session, SftpUpload upload, CancellationToken ct)
    {
        SftpAttributes? found = await tree.LookAsync(session, upload.Path.Parent.Child(upload.Partial), ct).ConfigureAwait(false);
        return found is null or { Kind: EntryKind.File }
            ? found
            : throw SftpErrors.Of(StoreErrorKind.Unsupported, upload.Path, "has something that is not a file under its partial name");
    }

    /// <summary>The upload's file, open on some connection.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="spread">Bytes of a body that should go over the connection with the least to do; null takes one where it is open.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>: the upload is gone.</exception>
    public async Task<SftpOpenUpload> UseAsync(SftpUpload upload, long? spread, CancellationToken ct)
    {
        SftpSession? session = spread is null ? upload.OpenOn() : null;
        session?.CountStream(1);
        session ??= await tree.SessionForBodyAsync(spread ?? 0, ct).ConfigureAwait(false);
        try
        {
            return await UseOnAsync(session, upload, ct).ConfigureAwait(false);
        }
        catch
        {
            session.CountStream(-1);
            throw;
        }
    }

    private async Task<SftpOpenUpload> UseOnAsync(SftpSession session, SftpUpload upload, CancellationToken ct)
    {
        // Without syncs, whoever writes hears of the close too, so he has the handle for himself.
        if ((session.Syncs ? upload.KeptOn(session) : upload.Take(session)) is { } kept)
        {
            return new SftpOpenUpload(session, kept, isOwned: !session.Syncs, isKept: true);
        }

        if (await LookAsync(session, upload, ct).ConfigureAwait(false) is null)
        {
            throw Gone(upload);
        }

        Reply opened = await session.OpenAsync(PartialPlace(upload), ReadWrite).ConfigureAwait(false);
        if (opened.Status is not null)
        {
            throw SftpErrors.Meant(opened) == StatusCode.NoSuchFile ? Gone(upload) : SftpErrors.Translate(opened, "written", upload.Path);
        }

        byte[] handle = opened.Handle();
        return new SftpOpenUpload(session, handle, isOwned: !session.Syncs || !upload.Keep(session, handle), isKept: false);
    }

    /// <summary>The whole path of the partial file.</summary>
    public byte[] PartialPlace(SftpUpload upload) => tree.PlaceBeside(upload.Path, upload.Partial);

    public static StoreException Gone(SftpUpload upload) => SftpErrors.Of(
        StoreErrorKind.NotFound, upload.Path, $"has no upload {upload.Tag} any more: its partial file {upload.Id} is gone");

    private async Task<Reply> OpenNewAsync(SftpSession session, SftpUpload upload, CancellationToken ct)
    {
        // Without a mode of its own, the file gets what the server makes of 0666. With one, nobody may do more with it than that mode
        // allows, and its owner has to write it.
        int mode = upload.Options.Metadata.Mode is { } wanted ? (wanted & 0x1ff) | PrivateMode : OrdinaryMode;
        byte[] place = PartialPlace(upload);
        ct.ThrowIfCancellationRequested();
        Reply made = await session.OpenAsync(place, ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, mode).ConfigureAwait(false);
        bool mayBeThere = made.Status is not null && SftpErrors.Meant(made) is StatusCode.Failure or StatusCode.AlreadyExists;
        return mayBeThere && await LookAsync(session, upload, ct).ConfigureAwait(false) is not null
            ? await session.OpenAsync(place, ReadWrite).ConfigureAwait(false)
            : made;
    }

    private SftpUpload Named(StorePath path, string tag, WriteOptions write)
    {
        Require(path, write);
        return new SftpUpload(path, tag, PartialName.For(path.Name, tag), write);
    }

    private static async Task KeepOrCloseAsync(SftpSession session, SftpUpload upload, byte[] handle)
    {
        if (!upload.Keep(session, handle))
        {
            await session.CloseWrittenAsync(handle, upload.Path).ConfigureAwait(false);
        }
    }

    private void Require(StorePath path, WriteOptions write)
    {
        if (path.IsRoot)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, "The root of a store cannot be written as a file.");
        }

        // The partial name is cut to fit, so a name that is too long would be found out only at the end.
        if (limits.Refuses(root.Join(path)) is { } reason)
        {
            throw SftpErrors.Of(StoreErrorKind.InvalidRequest, path, $"cannot be written: {reason}");
        }

        if (write.Expected is not null)
        {
            throw SftpErrors.Of(StoreErrorKind.InvalidRequest, path, "cannot be written against a checksum: the protocol has none");
        }
    }
}
