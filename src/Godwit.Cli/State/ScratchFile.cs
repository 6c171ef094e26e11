namespace Godwit.Cli.State;

/// <summary>Room for what does not fit in memory: a file that is gone once it is closed.</summary>
internal static class ScratchFile
{
    /// <summary>Opens a new one in the directory for temporary files.</summary>
    public static FileStream Open() => new(
        Path.Combine(Path.GetTempPath(), $"godwit-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024,
        FileOptions.DeleteOnClose);
}
