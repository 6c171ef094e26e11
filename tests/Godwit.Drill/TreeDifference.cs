namespace Godwit.Drill;

/// <summary>Compares two directory trees by everything a copy promises: names, kinds, bytes, modification times and modes.</summary>
internal static class TreeDifference
{
    /// <summary>The first difference; null when there is none.</summary>
    public static string? Between(string left, string right)
    {
        string[] ours = Names(left);
        string[] theirs = Names(right);
        if (!ours.SequenceEqual(theirs))
        {
            return $"names differ: missing [{string.Join(", ", ours.Except(theirs).Take(3))}], extra [{string.Join(", ", theirs.Except(ours).Take(3))}]";
        }

        return ours.Select(name => Compare(Path.Combine(left, name), Path.Combine(right, name))).FirstOrDefault(wrong => wrong is not null);
    }

    private static string[] Names(string root) =>
    [
        .. new DirectoryInfo(root).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(info => Path.GetRelativePath(root, info.FullName)).Order(StringComparer.Ordinal),
    ];

    private static string? Compare(string left, string right)
    {
        if (Directory.Exists(left))
        {
            return Directory.Exists(right) ? null : $"{right} is not a directory";
        }

        var (ours, theirs) = (new FileInfo(left), new FileInfo(right));
        return ours.Length != theirs.Length ? $"{right} has {theirs.Length} bytes instead of {ours.Length}"
            : ours.LastWriteTimeUtc != theirs.LastWriteTimeUtc ? $"{right} has another time"
            : ours.UnixFileMode != theirs.UnixFileMode ? $"{right} has another mode"
            : SameBytes(left, right) ? null : $"{right} has other bytes";
    }

    private static bool SameBytes(string left, string right)
    {
        using FileStream ours = File.OpenRead(left);
        using FileStream theirs = File.OpenRead(right);
        var (a, b) = (new byte[1 << 20], new byte[1 << 20]);
        while (true)
        {
            int count = ours.ReadAtLeast(a, a.Length, throwOnEndOfStream: false);
            int other = theirs.ReadAtLeast(b, b.Length, throwOnEndOfStream: false);
            if (!a.AsSpan(0, count).SequenceEqual(b.AsSpan(0, other)))
            {
                return false;
            }

            if (count == 0)
            {
                return true;
            }
        }
    }
}
