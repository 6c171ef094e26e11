using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>
/// Lists of files: what <c>check</c> and <c>--failed</c> write and <c>--files-from</c> reads. One file a line, of up to three columns that tabs keep apart
/// (<see cref="ListColumns"/>), byte for byte; a line that begins with a backslash is escaped as <c>sha256sum</c> does: <c>\\</c>, <c>\n</c>, <c>\r</c>
/// and also <c>\t</c> after it stand for a backslash, a line feed, a carriage return and a tab. Or, with NUL as the end of each, without escapes:
/// what begins with <c>./</c> is one path then, whatever it holds.
/// </summary>
public static class PathList
{
    private const int LongestLine = 1 << 20;

    /// <summary>A path as a line, without its end. Escaped when it has a line end, a tab or a backslash, or would be read as a comment.</summary>
    public static byte[] Line(StorePath path) => Line(new ListedFile(path, path));

    /// <summary>A file as a line, without its end; with as few columns as say all.</summary>
    public static byte[] Line(ListedFile file)
    {
        List<byte[]> columns = ListColumns.Write(file);
        bool escapes = columns.Exists(column => column.AsSpan().ContainsAny("\n\r\t\\"u8)) || columns[0][0] is (byte)'#' or (byte)';';
        return escapes ? [(byte)'\\', .. ListColumns.Join(columns.ConvertAll(column => EscapeTabs(Escape(column))))] : ListColumns.Join(columns);
    }

    /// <summary>A file as an item that NUL ends; null where a name with a tab stands beside other columns, which only a line can hold.</summary>
    public static byte[]? Item(ListedFile file)
    {
        List<byte[]> columns = ListColumns.Write(file);
        bool hasTab = columns.Exists(column => column.Contains((byte)'\t'));
        return !hasTab ? ListColumns.Join(columns)
            : columns is [var path] ? [.. "./"u8, .. path]
            : null;
    }

    /// <summary>The bytes with backslash, line feed and carriage return as two characters each.</summary>
    public static byte[] Escape(ReadOnlySpan<byte> bytes)
    {
        var escaped = new List<byte>(bytes.Length + 8);
        foreach (byte b in bytes)
        {
            escaped.AddRange(b switch
            {
                (byte)'\\' => @"\\"u8,
                (byte)'\n' => @"\n"u8,
                (byte)'\r' => @"\r"u8,
                _ => [b],
            });
        }

        return [.. escaped];
    }

    /// <summary>The bytes that <see cref="Escape"/> was given; null when a backslash is followed by anything else.</summary>
    /// <param name="escaped">The escaped bytes.</param>
    /// <param name="tabs">Whether <c>\t</c> stands for a tab; <c>sha256sum</c> knows no such thing.</param>
    public static byte[]? Unescape(ReadOnlySpan<byte> escaped, bool tabs = false)
    {
        var bytes = new List<byte>(escaped.Length);
        for (int i = 0; i < escaped.Length; i++)
        {
            byte b = escaped[i];
            if (b == '\\')
            {
                i++;
                switch (i < escaped.Length ? escaped[i] : 0)
                {
                    case '\\':
                        break;
                    case 'n':
                        b = (byte)'\n';
                        break;
                    case 'r':
                        b = (byte)'\r';
                        break;
                    case 't' when tabs:
                        b = (byte)'\t';
                        break;
                    default:
                        return null;
                }
            }

            bytes.Add(b);
        }

        return [.. bytes];
    }

    /// <summary>Reads a list of lines: empty ones and those that begin with <c>#</c> or <c>;</c> are left out, a leading <c>/</c>
    /// of a path and a carriage return at the end are dropped.</summary>
    /// <exception cref="FormatException">A line is not a path below a root, or its columns are not what they have to be; the message has its number.</exception>
    public static async Task<IReadOnlyList<ListedFile>> ReadLinesAsync(Stream list, CancellationToken ct)
    {
        var files = new List<ListedFile>();
        await foreach ((int number, byte[] line) in SplitAsync(list, (byte)'\n', ct).ConfigureAwait(false))
        {
            ReadOnlySpan<byte> bytes = line.AsSpan().TrimEnd((byte)'\r');
            if (bytes.IsEmpty || bytes[0] is (byte)'#' or (byte)';')
            {
                continue;
            }

            files.Add(ListColumns.Read((IsEscaped(bytes) ? Unescaped(ListColumns.Split(bytes[1..])) : null) ?? ListColumns.Split(bytes), $"line {number}"));
        }

        return files;
    }

    /// <summary>Reads a list in which NUL ends each file: byte for byte, but for a leading <c>/</c>.</summary>
    /// <exception cref="FormatException">An item is not a path below a root, or its columns are not what they have to be; the message has its number.</exception>
    public static async Task<IReadOnlyList<ListedFile>> ReadNulAsync(Stream list, CancellationToken ct)
    {
        var files = new List<ListedFile>();
        await foreach ((int number, byte[] item) in SplitAsync(list, 0, ct).ConfigureAwait(false))
        {
            if (item.Length > 0)
            {
                files.Add(ListColumns.Read(item.AsSpan().StartsWith("./"u8) ? [item] : ListColumns.Split(item), $"item {number}"));
            }
        }

        return files;
    }

    /// <summary>A checksum as a list has it: its kind and its hexadecimal digits, or these alone where their number tells the kind.</summary>
    /// <exception cref="FormatException">It is none; the message says what to write.</exception>
    public static Checksum ChecksumOf(string text) => ListColumns.ChecksumOf(text);

    /// <summary>What stands between the ends, each with its number from 1. The last may lack its end.</summary>
    /// <exception cref="FormatException">A piece is longer than a mebibyte: this is not a list.</exception>
    public static async IAsyncEnumerable<(int Number, byte[] Piece)> SplitAsync(
        Stream list, byte end, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(list);
        var buffer = new byte[64 * 1024];
        var piece = new List<byte>();
        int number = 1;
        for (int read; (read = await list.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0;)
        {
            for (int from = 0; from < read;)
            {
                int length = buffer.AsSpan(from, read - from).IndexOf(end);
                piece.AddRange(buffer.AsSpan(from, length < 0 ? read - from : length));
                if (piece.Count > LongestLine)
                {
                    throw new FormatException($"item {number} is longer than {LongestLine} bytes");
                }

                if (length < 0)
                {
                    break;
                }

                yield return (number++, [.. piece]);
                piece.Clear();
                from += length + 1;
            }
        }

        if (piece.Count > 0)
        {
            yield return (number, [.. piece]);
        }
    }

    // A list from elsewhere may name a file that begins with a backslash and was never escaped.
    private static bool IsEscaped(ReadOnlySpan<byte> line) =>
        line.Length > 1 && line[0] == '\\' && (line[1] is (byte)'#' or (byte)';' || line[1..].Contains((byte)'\\'));

    private static List<byte[]>? Unescaped(List<byte[]> columns)
    {
        List<byte[]?> read = columns.ConvertAll(column => Unescape(column, tabs: true));
        return read.Contains(null) ? null : read.ConvertAll(column => column!);
    }

    private static byte[] EscapeTabs(byte[] bytes) => [.. bytes.SelectMany(b => b == '\t' ? @"\t"u8.ToArray() : [b])];
}
