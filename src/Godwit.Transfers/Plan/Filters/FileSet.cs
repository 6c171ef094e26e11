using Godwit.Storage;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>Exact paths of files, sorted; and which of them were met in a listing. One that turns out to be a directory may stand for all below it: whoever
/// asks says so by the call. For many threads.</summary>
public sealed class FileSet
{
    private readonly StorePath[] _paths;
    private readonly bool[] _met;
    private readonly bool[] _leftOut;

    /// <summary>The paths, in any order, each counted once.</summary>
    public FileSet(IEnumerable<StorePath> paths)
    {
        _paths = [.. paths.Distinct()];
        Array.Sort(_paths);
        _met = new bool[_paths.Length];
        _leftOut = new bool[_paths.Length];
    }

    /// <summary>How many paths there are.</summary>
    public int Count => _paths.Length;

    /// <summary>Whether other filters leave a path out before any listing can show it: they leave out a directory above it.</summary>
    public Func<StorePath, bool> LeavesOut { get; internal set; } = _ => false;

    /// <summary>Listed paths that no listing has shown so far: after a whole run, files that are not there. Of one that other filters left out, nobody knows
    /// whether it is there, and nobody needs to.</summary>
    public IEnumerable<StorePath> NotMet => _paths.Where((path, i) => !IsMet(i) && !IsLeftOut(path, i));

    /// <summary>Listed paths that other filters left out so far.</summary>
    public IEnumerable<StorePath> LeftOut => _paths.Where((path, i) => Volatile.Read(ref _leftOut[i]) || (!IsMet(i) && IsLeftOut(path, i)));

    /// <summary>Other filters left the path out: it is there, and is not taken. Nothing happens to one that is not listed.</summary>
    public void LeaveOut(StorePath path)
    {
        int at = Array.BinarySearch(_paths, path);
        if (at >= 0)
        {
            Volatile.Write(ref _leftOut[at], true);
        }
    }

    /// <summary>A directory was left out with all below it.</summary>
    public void LeaveOutBelow(StorePath directory)
    {
        for (int i = 0; i < _paths.Length; i++)
        {
            if (_paths[i] == directory || directory.IsRoot || _paths[i].IsBelow(directory))
            {
                Volatile.Write(ref _leftOut[i], true);
            }
        }
    }

    /// <summary>Whether the path is one of them; it counts as met from then on.</summary>
    public bool Meet(StorePath path)
    {
        int at = Array.BinarySearch(_paths, path);
        if (at >= 0)
        {
            Volatile.Write(ref _met[at], true);
        }

        return at >= 0;
    }

    /// <summary>Whether the path, or a directory above it, is one of them; these count as met from then on.</summary>
    public bool MeetAtOrBelow(StorePath path)
    {
        bool met = false;
        for (StorePath at = path; !at.IsRoot; at = at.Parent)
        {
            met |= Meet(at);
        }

        return met;
    }

    /// <summary>Whether anything below a directory can be meant: it, or one above it, is one of them, which count as met from then on, or one of them lies
    /// below it.</summary>
    public bool MeetDirectory(StorePath directory) => MeetAtOrBelow(directory) || AnyBelow(directory);

    /// <summary>As <see cref="MeetDirectory"/>, and nothing counts as met by it.</summary>
    public bool ReachesInto(StorePath directory)
    {
        for (StorePath at = directory; !at.IsRoot; at = at.Parent)
        {
            if (Contains(at))
            {
                return true;
            }
        }

        return AnyBelow(directory);
    }

    private bool IsMet(int at) => Volatile.Read(ref _met[at]);

    private bool IsLeftOut(StorePath path, int at) => Volatile.Read(ref _leftOut[at]) || LeavesOut(path);

    /// <summary>Whether the path is one of them.</summary>
    public bool Contains(StorePath path) => Array.BinarySearch(_paths, path) >= 0;

    /// <summary>Whether one of them lies below a directory.</summary>
    public bool AnyBelow(StorePath directory)
    {
        if (directory.IsRoot)
        {
            return _paths.Length > 0;
        }

        // Between a directory and what is below it other names may sort, such as "a b" between "a" and "a/b".
        byte[] first = [.. directory.Bytes, (byte)'/'];
        int low = 0;
        int high = _paths.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _paths[middle].Bytes.SequenceCompareTo(first) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low < _paths.Length && _paths[low].IsBelow(directory);
    }
}
