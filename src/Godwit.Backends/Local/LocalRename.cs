using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Renames a file or link.</summary>
internal sealed class LocalRename(LocalTree tree) : IRename
{
    public ValueTask RenameAsync(StorePath from, StorePath to, bool createOnly, CancellationToken ct) =>
        LocalCall.Run((tree, from, to, createOnly), static call => Rename(call.tree, call.from, call.to, call.createOnly), ct);

    private static void Rename(LocalTree tree, StorePath from, StorePath to, bool createOnly)
    {
        if (from.IsRoot || to.IsRoot)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, "The root of a store is neither renamed nor replaced.");
        }

        int error = tree.TryFindUnfollowed(from, out Place old);
        using (old)
        {
            Statx facts = default;
            error = error < 0 ? error : old.Stat(out facts);
            LocalErrors.Check(error == -Errno.NotDirectory ? -Errno.NoEntry : error, "renamed", from);
            if (facts.IsDirectory)
            {
                throw LocalErrors.Of(StoreErrorKind.Unsupported, from, "is a directory; only files and links are renamed");
            }

            if (from == to)
            {
                return;
            }

            using Place final = tree.FindForWriting(to, "renamed to");
            Publishing.Rename(old, final, createOnly, to);
        }
    }
}
