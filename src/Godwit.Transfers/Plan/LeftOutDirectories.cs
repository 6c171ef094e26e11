using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>The directories that the source's listing left out whole: what the destination has there says nothing and is left alone.</summary>
internal sealed class LeftOutDirectories
{
    private readonly HashSet<StorePath> _paths = [];

    /// <summary>Takes those of a chunk, before its pairs are looked at.</summary>
    public void Add(IReadOnlyList<StorePath> paths) => _paths.UnionWith(paths);

    /// <summary>Whether a path is one of them, or lies below one.</summary>
    public bool Covers(StorePath path)
    {
        for (StorePath at = path; _paths.Count > 0; at = at.Parent)
        {
            if (_paths.Contains(at))
            {
                return true;
            }

            if (at.IsRoot)
            {
                break;
            }
        }

        return false;
    }
}
