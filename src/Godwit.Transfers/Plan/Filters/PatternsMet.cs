using Godwit.Storage;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>What patterns took and left out of what was met at the source. For many threads.</summary>
public sealed class PatternsMet
{
    private volatile bool _tookFile;
    private volatile bool _leftFile;
    private volatile bool _leftDirectory;

    /// <summary>Whether something was met, and they left out every file of it. Files that other bounds leave
    /// out, such as ages, count as taken.</summary>
    public bool TookNone => !_tookFile && (_leftFile || _leftDirectory);

    /// <summary>Whether a directory was left out whole, so that nobody knows how many files are in it.</summary>
    public bool LeftDirectory => _leftDirectory;

    /// <summary>Takes note of an entry, and gives back whether it is taken.</summary>
    public bool Meet(StoreEntry entry, bool isTaken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        bool isDirectory = entry.Kind == EntryKind.Directory;
        _tookFile |= isTaken && !isDirectory;
        _leftFile |= !isTaken && !isDirectory;
        _leftDirectory |= !isTaken && isDirectory;
        return isTaken;
    }
}
