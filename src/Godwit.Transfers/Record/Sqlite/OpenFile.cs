namespace Godwit.Transfers.Record.Sqlite;

/// <summary>A file that this process has open, as the kernel tells it (proc(5), <c>/proc/PID/fd</c>).</summary>
/// <param name="file">Its name; one that leads through a symbolic link is not recognised.</param>
internal sealed class OpenFile(string file)
{
    private const string Handles = "/proc/self/fd";

    private readonly string _here = Path.GetFullPath(file);
    private readonly string _gone = Path.GetFullPath(file) + " (deleted)";

    // Looked for among all handles once: a service has many, and asks before each transfer that it takes.
    private volatile string? _handle;

    /// <summary>Whether it is open and its name is gone.</summary>
    public bool IsRemoved()
    {
        string? target = _handle is { } known ? TargetOf(known) : null;
        if (target != _here && target != _gone)
        {
            _handle = Find(_gone) ?? Find(_here);
            target = _handle is { } found ? TargetOf(found) : null;
        }

        return target == _gone;
    }

    private static string? Find(string target) =>
        Directory.Exists(Handles) ? Directory.EnumerateFiles(Handles).FirstOrDefault(handle => TargetOf(handle) == target) : null;

    private static string? TargetOf(string handle) => new FileInfo(handle).LinkTarget;
}
