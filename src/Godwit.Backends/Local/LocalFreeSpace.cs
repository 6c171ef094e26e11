using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Tells the space that is left to this user. A disk quota may allow less; the kernel tells of it only when writing.</summary>
internal sealed class LocalFreeSpace(LocalTree tree) : IFreeSpace
{
    public ValueTask<FreeSpace> GetAsync(StorePath directory, CancellationToken ct) =>
        LocalCall.Run((tree, directory), static call => Get(call.tree, call.directory), ct);

    private static FreeSpace Get(LocalTree tree, StorePath directory)
    {
        using Descriptor nearest = Nearest(tree, directory, out _);
        LocalErrors.Check(Posix.StatFileSystem(nearest, out FileSystemFacts facts), "asked for free space", directory);

        // Some file systems, btrfs among them, count no files.
        return new FreeSpace(
            Bytes(facts.BlocksForUser, facts.FragmentBytes),
            Bytes(facts.Blocks, facts.FragmentBytes),
            facts.Files == 0 ? null : (long)Math.Min(facts.FilesForUser, long.MaxValue));
    }

    /// <summary>The nearest directory that exists, and its path below <c>/</c>.</summary>
    internal static Descriptor Nearest(LocalTree tree, StorePath directory, out StorePath absolute)
    {
        for (StorePath path = directory; ; path = path.Parent)
        {
            if (tree.TryFind(path, out Place place) == 0)
            {
                using (place)
                {
                    int number = place.Open(Open.PathOnly | Open.Directory);
                    if (number >= 0)
                    {
                        absolute = tree.Root.Absolute.Join(path);
                        return new Descriptor(number);
                    }
                }
            }

            if (path.IsRoot)
            {
                return NearestToRoot(tree, out absolute);
            }
        }
    }

    private static Descriptor NearestToRoot(LocalTree tree, out StorePath absolute)
    {
        absolute = tree.Root.Absolute;
        while (true)
        {
            int number = Posix.Open(new NativeName([(byte)'/', .. absolute.Bytes]), Open.PathOnly | Open.Directory);
            if (number >= 0 || absolute.IsRoot)
            {
                return new Descriptor(LocalErrors.Check(number, "asked for free space", StorePath.Root));
            }

            absolute = absolute.Parent;
        }
    }

    private static long Bytes(ulong blocks, ulong size) => (long)UInt128.Min((UInt128)blocks * size, long.MaxValue);
}
