using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Results;

/// <summary>The names of failed files, as <c>--files-from</c> takes them back: one a line, or each ended by NUL.</summary>
internal static class FailedList
{
    /// <summary>Writes the list.</summary>
    /// <param name="file">The file; the names are ended by NUL where its own name ends in <c>0</c>.</param>
    /// <param name="failed">The files.</param>
    public static Task WriteAsync(string file, IEnumerable<FailedFile> failed) => WholeFile.WriteAsync(file, async stream =>
    {
        bool zero = file.EndsWith('0');
        foreach (StorePath path in failed.Select(one => one.Path).Where(path => !path.IsRoot))
        {
            byte[] name = zero ? [.. path.Bytes, 0] : [.. PathList.Line(path), (byte)'\n'];
            await stream.WriteAsync(name).ConfigureAwait(false);
        }
    });
}
