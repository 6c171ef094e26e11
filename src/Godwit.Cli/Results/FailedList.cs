using Godwit.Transfers.Plan.Filters;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Cli.Results;

/// <summary>The names of failed files, as <c>--files-from</c> takes them back: one a line, or each ended by NUL.</summary>
internal static class FailedList
{
    /// <summary>Writes the list.</summary>
    /// <param name="file">The file; the names are ended by NUL where its own name ends in a letter and <c>0</c>.</param>
    /// <param name="failed">The files.</param>
    /// <param name="beforeReplace">Called with the name that the list has meanwhile, when all is written.</param>
    public static Task WriteAsync(string file, IEnumerable<FailedFile> failed, Action<string> beforeReplace) => WholeFile.WriteAsync(file, async stream =>
    {
        bool zero = IsNul(file);
        foreach (ListedFile one in failed.Select(one => one.Listed).Where(one => !one.Source.IsRoot))
        {
            byte[] name = zero ? [.. ItemOf(one), 0] : [.. PathList.Line(one), (byte)'\n'];
            await stream.WriteAsync(name).ConfigureAwait(false);
        }
    }, beforeReplace);

    /// <summary>Whether NUL ends the names of a list that is called so: <c>failed.list0</c>, and not <c>failed-2026-11-20</c>.</summary>
    public static bool IsNul(string file) => file is [.., var before, '0'] && char.IsAsciiLetter(before);

    private static byte[] ItemOf(ListedFile file) => PathList.Item(file) ?? throw new IOException(
        $"\"{file.Source}\" goes to \"{file.Destination}\", and a tab in a name cannot stand in a list of NUL-ended items with columns: give the list a name that does not end in 0");
}
