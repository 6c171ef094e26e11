using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Second names of files on one file system.</summary>
internal sealed class LocalHardLinks(LocalTree tree, LocalOptions options) : IHardLinks
{
    private const string Action = "given a second name";

    public bool CanLinkFrom(StoreIdentity source) => source is { Scheme: "file", Authority: "" };

    public ValueTask LinkAsync(StoreIdentity source, StorePath from, StorePath to, CancellationToken ct) =>
        LocalCall.Run((this, source, from, to), static call => call.Item1.Link(call.source, call.from, call.to), ct);

    private void Link(StoreIdentity source, StorePath from, StorePath to)
    {
        if (!CanLinkFrom(source))
        {
            throw LocalErrors.Of(StoreErrorKind.Unsupported, to, $"cannot be a name of a file of {source}");
        }

        if (from.IsRoot || to.IsRoot)
        {
            throw LocalErrors.Of(StoreErrorKind.InvalidRequest, to, "cannot be given a second name: it is the root of a store");
        }

        bool isOwn = source.Root == tree.Root.Absolute;
        using LocalTree? other = isOwn ? null : new LocalTree(new LocalRoot([(byte)'/', .. source.Root.Bytes], create: false), options);
        int error = (other ?? tree).TryFindUnfollowed(from, out Place old);
        using (old)
        {
            Statx facts = default;
            error = error < 0 ? error : old.Stat(out facts);
            LocalErrors.Check(error == -Errno.NotDirectory ? -Errno.NoEntry : error, Action, from);
            if (facts.IsDirectory)
            {
                throw LocalErrors.Of(StoreErrorKind.Unsupported, from, "is a directory; only files and links have second names");
            }

            using Place final = tree.FindForWriting(to, Action);
            error = Posix.LinkAt(old.Directory, old.Name, final.Directory, final.Name);

            // The kernel and the file system refuse it for many reasons, none of which keeps the file from being copied.
            if (error is -Errno.CrossDevice or -Errno.Perm or -Errno.TooManyLinks or -Errno.NotSupported or -Errno.NoSystemCall)
            {
                throw LocalErrors.Of(StoreErrorKind.Unsupported, from, "cannot be given a second name there: another file system, or one without");
            }

            LocalErrors.Check(error, Action, to);
        }
    }
}
