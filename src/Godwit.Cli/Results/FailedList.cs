using Godwit.Storage;

namespace Godwit.Cli.Results;

/// <summary>The names of failed files, as <c>--files-from</c> takes them back: one a line, or each ended by NUL.</summary>
internal static class FailedList
{
    /// <summary>Writes the list.</summary>
    /// <param name="file">The file; the names are ended by NUL where its own name ends in <c>0</c>.</param>
    /// <param name="failed">The files.</param>
    /// <returns>How many names a list of lines cannot hold because they hold a line end; 0 when all are in it.</returns>
    public static async Task<long> WriteAsync(string file, IEnumerable<FailedFile> failed)
    {
        bool zero = file.EndsWith('0');
        long unfit = 0;
        await WholeFile.WriteAsync(file, async stream =>
        {
            foreach (StorePath path in failed.Select(one => one.Path).Where(path => !path.IsRoot))
            {
                if (!zero && path.Bytes.ContainsAny((byte)'\n', (byte)'\r'))
                {
                    unfit++;
                    continue;
                }

                await stream.WriteAsync((byte[])[.. path.Bytes, zero ? (byte)0 : (byte)'\n']).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        return unfit;
    }
}
