using System.Text;
using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

/// <summary>Stores that keep names otherwise than they were given, each in a way that some server has.</summary>
internal static class NameFaults
{
    // The directory that the kit makes for a sentence, and its slash; only what lies below is altered.
    private const int Own = 26;

    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        Keeping("with spaces", name => name.Replace(' ', '_')),
        Keeping("with quotes", name => name.Replace("'", "''")),
        Keeping("with a line end", name => name.Replace('\n', '?')),
        Keeping("that a shell would run", name => name.Replace("$", "")),
        Keeping("with a backslash", name => name.Replace('\\', '_')),
        Keeping("with a leading dash", name => name.Replace("-", "./-").Replace("./", "_")),
        Keeping("with a leading dot", name => name.Replace('.', '_')),
        Keeping("with a trailing dot", name => name.TrimEnd('.')),
        Keeping("with a percent sign", name => name.Replace("%41", "A")),
        Keeping("with a plus sign", name => name.Replace('+', ' ')),
        Keeping("with characters of URLs", name => name.Split('#', '?')[0]),
        Keeping("with characters of XML", name => name.Replace("&amp;", "&")),
        Keeping("beyond ASCII", name => string.Concat(name.Select(c => c > 127 ? '?' : c))),
        Keeping("that look like an escape", name => name.Replace("\\xff", "\u00ff")),
        Keeping("with control characters", name => string.Concat(name.Where(c => !char.IsControl(c)))),
        Keeping("that differ only in case", name => name.ToLowerInvariant()),
        Keeping("that differ only in composition", name => name.Replace("e\u00cc\u0081", "\u00c3\u00a9")),
        Keeping("that differ only in a trailing space or dot", name => name.TrimEnd(' ', '.')),
        Keeping("that are reserved elsewhere", name => name.Replace("CON", "CON_")),
        Keeping("of 255 bytes", name => name[..Math.Min(name.Length, 143)]),
        Keeping("far below", name => name.Replace("directory/directory/", "directory/")),
        Keeping("that look like rclone's quotes", name => name.Replace("\u00e2\u0080\u009bFF", "\u00ff")),
        Keeping("that are not UTF-8", name => name.Replace('\u00ff', '?')),
    ];

    private static PlantedFault Keeping(string what, Func<string, string> alter) => new(
        $"Names {what} are held byte for byte",
        s => new AlteredStore(s)
        {
            Write = (path, source, options, ct) => s.WriteAsync(Altered(path, alter), source, options, ct),
            Stat = async (path, ct) => await s.StatAsync(Altered(path, alter), ct) is { } entry ? entry with { Path = path } : null,
            OpenRead = (path, ct) => s.OpenReadAsync(Altered(path, alter), ct),
        });

    private static StorePath Altered(StorePath path, Func<string, string> alter)
    {
        string text = Encoding.Latin1.GetString(path.Bytes);
        int start = text.IndexOf("godwit-check-", StringComparison.Ordinal) + Own;
        return start >= text.Length ? path : StorePath.FromBytes(Encoding.Latin1.GetBytes(text[..start] + alter(text[start..])));
    }
}
