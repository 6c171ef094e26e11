using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Gives a file or link its final name in one step.</summary>
internal static class Publishing
{
    /// <param name="from">What is renamed.</param>
    /// <param name="to">Its final place.</param>
    /// <param name="createOnly">Whether something there is an error.</param>
    /// <param name="path">The final path, for errors.</param>
    /// <exception cref="StoreException">Nothing changed, or a name of what was renamed is left.
    /// <see cref="StoreErrorKind.Unsupported"/>: a directory, device, pipe or socket is there.</exception>
    public static void Rename(in Place from, in Place to, bool createOnly, StorePath path)
    {
        bool mayBeSame = !createOnly && HasOtherNames(to, path);
        int error = Posix.RenameAt(from.Directory, from.Name, to.Directory, to.Name, replace: !createOnly);
        if (createOnly && error == 0)
        {
            return;
        }

        if (createOnly && error is -Errno.Invalid or -Errno.NoSystemCall or -Errno.NotSupported)
        {
            // NFS and others cannot rename without replacing. A second name can be given only where there is none, which is as good.
            error = Posix.LinkAt(from.Directory, from.Name, to.Directory, to.Name);
            error = error == -Errno.Perm ? -Errno.NotSupported : error;
        }

        if (error == -Errno.Exists && to.Stat(out Statx taken) == 0 && taken.IsDirectory)
        {
            // To try again as a replacement would be in vain.
            error = -Errno.IsDirectory;
        }

        LocalErrors.Check(error, "published", path);

        // A second name has to go; and renaming one name of a file to another of the same file leaves both.
        if (createOnly || (mayBeSame && from.Stat(out Statx left) == 0 && to.Stat(out Statx there) == 0 && left.IsSameInode(there)))
        {
            int gone = from.Unlink();
            LocalErrors.Check(gone == -Errno.NoEntry ? 0 : gone, "published", path);
        }
    }

    /// <summary>Whether what is about to be replaced has other names than this one.</summary>
    /// <exception cref="StoreException">A rename would replace it like any file, and it is a device, pipe or socket.</exception>
    private static bool HasOtherNames(in Place place, StorePath path)
    {
        if (place.Stat(out Statx there) < 0)
        {
            return false;
        }

        return there.IsFile || there.IsLink || there.IsDirectory
            ? there.LinkCount != 1
            : throw new StoreException(StoreErrorKind.Unsupported, $"\"{path}\" is a device, pipe or socket, and is not replaced.")
            {
                Path = path,
                SpecialInTheWay = true,
            };
    }
}
