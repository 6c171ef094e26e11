namespace Godwit.Cli.State;

/// <summary>Room for what does not fit in memory: a file that is gone once it is closed, or its process was killed.</summary>
internal static class ScratchFile
{
    /// <summary>Opens a new one in the directory for temporary files.</summary>
    public static FileStream Open()
    {
        string path = Path.Combine(Path.GetTempPath(), $"godwit-{Guid.NewGuid():N}");
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024);
        try
        {
            // At once: what is open needs no name, and nobody tidies up after a killed process.
            File.Delete(path);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
