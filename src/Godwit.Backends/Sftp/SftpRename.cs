using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Renames a file or link.</summary>
internal sealed class SftpRename(SftpTree tree, SftpSyncedFiles done, Func<StorePath, string?> refuses) : IRename
{
    public async ValueTask RenameAsync(StorePath from, StorePath to, bool createOnly, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (from.IsRoot || to.IsRoot)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, "The root of a store is neither renamed nor replaced.");
        }

        if (refuses(to) is { } reason)
        {
            throw SftpErrors.Of(StoreErrorKind.InvalidRequest, to, $"cannot be written: {reason}");
        }

        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        SftpAttributes found = await tree.LookAsync(session, from, ct).ConfigureAwait(false)
            ?? throw SftpErrors.Of(StoreErrorKind.NotFound, from, "could not be renamed: nothing is there");
        if (found.Kind == EntryKind.Directory)
        {
            throw SftpErrors.Of(StoreErrorKind.Unsupported, from, "is a directory; only files and links are renamed");
        }

        if (found.Kind == EntryKind.Link && session.MistakesLinks)
        {
            throw SftpErrors.Of(StoreErrorKind.Unsupported, from, "is a symbolic link, and this server would rename what it points to");
        }

        if (from != to)
        {
            await tree.MakeDirectoriesAsync(session, to.Parent, ct).ConfigureAwait(false);
            ct.ThrowIfCancellationRequested();
            done.Forget(to);
            await new SftpPublishing(tree).RenameAsync(session, tree.Place(from), to, createOnly).ConfigureAwait(false);
        }
    }
}
