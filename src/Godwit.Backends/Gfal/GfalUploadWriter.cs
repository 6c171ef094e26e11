using Godwit.Backends.Gfal.Native;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Writes into the partial file of an upload, which begins with its first bytes.</summary>
internal sealed class GfalUploadWriter(GfalTree tree)
{
    private readonly GfalWriter _writer = new(tree);

    /// <summary>Writes bytes where they belong.</summary>
    /// <param name="upload">Into what.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="source">The bytes; null for the empty file.</param>
    /// <param name="ct">Cancels the call; afterwards nothing more is written.</param>
    public async Task WriteAsync(GfalUpload upload, long offset, WriteSource? source, CancellationToken ct)
    {
        await upload.Writing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            RequireKept(upload);
            await (tree.Server.IsXrootd ? WriteIntoAsync(upload, offset, source, ct) : WriteAnewAsync(upload, source, ct)).ConfigureAwait(false);
            upload.IsMade = true;
            upload.Written = Math.Max(upload.Written, offset + (source?.Length ?? 0));
        }
        finally
        {
            upload.Writing.Release();
        }
    }

    /// <summary>XRootD's servers make the directories on the way to a new file.</summary>
    private async Task WriteIntoAsync(GfalUpload upload, long offset, WriteSource? source, CancellationToken ct)
    {
        try
        {
            int how = upload.IsMade ? GfalWriter.Into : GfalWriter.OnlyNew;
            await _writer.WriteAsync(upload.Partial, upload.Path, how, offset, source, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists && !upload.IsMade)
        {
            // Begun by a call whose answer was lost.
            await _writer.WriteAsync(upload.Partial, upload.Path, GfalWriter.Into, offset, source, ct).ConfigureAwait(false);
        }
    }

    /// <summary>A GridFTP server makes a file again that somebody removed, and makes no directories.</summary>
    private async Task WriteAnewAsync(GfalUpload upload, WriteSource? source, CancellationToken ct)
    {
        StorePath directory = upload.Path.Parent;
        if (upload.IsMade)
        {
            _ = await LookAsync(upload, ct).ConfigureAwait(false);
        }
        else
        {
            await tree.RequireDirectoryAsync(directory, ct).ConfigureAwait(false);
        }

        try
        {
            await _writer.WriteAsync(upload.Partial, upload.Path, GfalWriter.Anew, 0, source, ct).ConfigureAwait(false);
        }
        catch (StoreException)
        {
            // libgfal2 does not always tell why a server refused to take a file: a missing directory is the usual reason.
            tree.Doubt(directory);
            throw;
        }
    }

    /// <summary>What is there of an upload.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>: nothing.</exception>
    public async Task<Facts> LookAsync(GfalUpload upload, CancellationToken ct) =>
        await tree.LookAsync(upload.Partial, ct).ConfigureAwait(false) ?? throw Gone(upload);

    /// <summary>Refuses what was thrown away.</summary>
    public static void RequireKept(GfalUpload upload)
    {
        if (upload.IsThrownAway)
        {
            throw Gone(upload);
        }
    }

    /// <summary>What is said of an upload that is not there any more.</summary>
    public static StoreException Gone(GfalUpload upload) =>
        GfalErrors.Of(StoreErrorKind.NotFound, upload.Path, "has lost its partial file: somebody removed it");
}
