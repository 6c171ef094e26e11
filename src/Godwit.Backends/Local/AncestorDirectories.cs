using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>A directory and those above it, up to the root: a link to one of them would be walked for ever.</summary>
internal sealed class AncestorDirectories
{
    private readonly HashSet<(ulong Device, ulong Inode)> _known = [];

    public AncestorDirectories(LocalTree tree, StorePath path)
    {
        for (StorePath above = path; ; above = above.Parent)
        {
            if (tree.TryFind(above, out Place place) == 0)
            {
                using (place)
                {
                    if (place.Stat(out Statx facts) == 0)
                    {
                        _known.Add((facts.Device, facts.Inode));
                    }
                }
            }

            if (above.IsRoot)
            {
                return;
            }
        }
    }

    public bool Contains(in Statx facts) => _known.Contains((facts.Device, facts.Inode));
}
