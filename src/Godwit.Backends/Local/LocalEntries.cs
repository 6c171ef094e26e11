using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Turns the kernel's facts into entries.</summary>
internal static class LocalEntries
{
    /// <summary>The unit that the kernel counts allocated space in.</summary>
    private const int BlockBytes = 512;

    /// <summary>An entry from facts; of a link, with its target.</summary>
    public static StoreEntry From(StorePath path, in Statx facts, byte[]? linkTarget = null) => facts.IsFile
        ? new StoreEntry
        {
            Path = path,
            Kind = EntryKind.File,
            Length = facts.Length,
            Modified = facts.Modified.ToTimestamp(),
            Mode = facts.Mode,
            Allocated = facts.Blocks * BlockBytes,
            Inode = new InodeStamp(facts.Inode, facts.Changed.ToTimestamp()),
        }
        : new StoreEntry
        {
            Path = path,
            Kind = facts.IsDirectory ? EntryKind.Directory : facts.IsLink ? EntryKind.Link : EntryKind.Other,
            Modified = facts.Modified.ToTimestamp(),
            Mode = facts.Mode,

            // Not the array itself: no array would become an empty target, which is not the same as none.
            LinkTarget = facts.IsLink ? linkTarget?.AsMemory() : null,
        };

    /// <summary>What is at a place.</summary>
    /// <returns>0, or the negated error.</returns>
    public static int Look(in Place place, StorePath path, out StoreEntry? entry)
    {
        entry = null;
        int error = place.Stat(out Statx facts);
        byte[]? target = null;
        if (error == 0 && facts.IsLink)
        {
            int length = Posix.ReadLinkAt(place.Directory, place.Name, out target);

            // EINVAL: no longer a link. What took its place is looked at instead.
            error = length == -Errno.Invalid ? place.Stat(out facts) : Math.Min(length, 0);
        }

        entry = error == 0 ? From(path, facts, target) : null;
        return error;
    }

    /// <summary>The version of an open file.</summary>
    public static string Version(in Statx facts) => From(StorePath.Root, facts).Version ?? "";
}
