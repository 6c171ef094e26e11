namespace Godwit.Cli.Results;

/// <summary>Writes a result file so that a reader sees the old one or the whole new one, also after a power failure.</summary>
internal static class WholeFile
{
    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">It cannot be written; what was there before is still there.</exception>
    public static async Task WriteAsync(string file, Func<Stream, Task> write)
    {
        string whole = Path.GetFullPath(file);

        // A device or a pipe, such as /dev/stdout, is written to and never replaced.
        if (File.Exists(whole) && (File.GetAttributes(whole) & (FileAttributes.Device | FileAttributes.ReparsePoint)) != 0)
        {
            var device = new FileStream(whole, FileMode.Open, FileAccess.Write);
            await using (device.ConfigureAwait(false))
            {
                await write(device).ConfigureAwait(false);
            }

            return;
        }

        string partial = $"{whole}.{Guid.NewGuid():N}.partial";
        try
        {
            var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024);
            await using (stream.ConfigureAwait(false))
            {
                await write(stream).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, whole, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }
}
