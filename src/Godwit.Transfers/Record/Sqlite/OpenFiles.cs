namespace Godwit.Transfers.Record.Sqlite;

/// <summary>What this process has open, as the kernel tells it (proc(5), <c>/proc/PID/fd</c>).</summary>
internal static class OpenFiles
{
    private const string Handles = "/proc/self/fd";
    private const string Removed = " (deleted)";

    /// <summary>Whether a file is open whose name is gone; a name that leads through a symbolic link is not recognised.</summary>
    public static bool HasRemoved(string file)
    {
        string gone = Path.GetFullPath(file) + Removed;
        return Directory.Exists(Handles) && Directory.EnumerateFiles(Handles).Any(handle => new FileInfo(handle).LinkTarget == gone);
    }
}
