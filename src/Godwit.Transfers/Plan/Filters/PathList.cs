using Godwit.Storage;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>
/// Lists of paths in files: what <c>check</c> writes and <c>--files-from</c> reads. One path a line, byte for byte; a line that
/// begins with a backslash is escaped as <c>sha256sum</c> does: <c>\\</c>, <c>\n</c> and <c>\r</c> after it stand for a backslash, a
/// line feed and a carriage return. Or, with NUL as the end of each, byte for byte whatever the name.
/// </summary>
public static class PathList
{
    private const int LongestLine = 1 << 20;

    /// <summary>A path as a line, without its end. Escaped when it has a line end or a backslash, or would be read as a comment.</summary>
    public static byte[] Line(StorePath path) =>
        path.Bytes.ContainsAny("\n\r\\"u8) ? [(byte)'\\', .. Escape(path.Bytes)]
        : path.Bytes.Length > 0 && path.Bytes[0] is (byte)'#' or (byte)';' ? [(byte)'\\', .. path.Bytes]
        : path.Bytes.ToArray();

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
    public static byte[]? Unescape(ReadOnlySpan<byte> escaped)
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
                    default:
                        return null;
                }
            }

            bytes.Add(b);
        }

        return [.. bytes];
    }

    /// <summary>Reads a list of lines: empty ones and those that begin with <c>#</c> or <c>;</c> are left out, a leading <c>/</c>
    /// and a carriage return at the end are dropped.</summary>
    /// <exception cref="FormatException">A line is not a path below a root; the message has its number.</exception>
    public static async Task<IReadOnlyList<StorePath>> ReadLinesAsync(Stream list, CancellationToken ct)
    {
        var paths = new List<StorePath>();
        await foreach ((int number, byte[] line) in SplitAsync(list, (byte)'\n', ct).ConfigureAwait(false))
        {
            ReadOnlySpan<byte> bytes = line.AsSpan().TrimEnd((byte)'\r');
            if (bytes.IsEmpty || bytes[0] is (byte)'#' or (byte)';')
            {
                continue;
            }

            paths.Add(PathOf(IsEscaped(bytes) ? Unescape(bytes[1..]) ?? bytes : bytes, $"line {number}"));
        }

        return paths;
    }

    /// <summary>Reads a list in which NUL ends each path: byte for byte, but for a leading <c>/</c>.</summary>
    /// <exception cref="FormatException">An item is not a path below a root; the message has its number.</exception>
    public static async Task<IReadOnlyList<StorePath>> ReadNulAsync(Stream list, CancellationToken ct)
    {
        var paths = new List<StorePath>();
        await foreach ((int number, byte[] item) in SplitAsync(list, 0, ct).ConfigureAwait(false))
        {
            if (item.Length > 0)
            {
                paths.Add(PathOf(item, $"item {number}"));
            }
        }

        return paths;
    }

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

    private static StorePath PathOf(ReadOnlySpan<byte> bytes, string where)
    {
        try
        {
            ReadOnlySpan<byte> relative = bytes.TrimStart((byte)'/');
            return StorePath.FromBytes(relative.StartsWith("./"u8) ? relative[2..] : relative) is { IsRoot: false } path
                ? path
                : throw new FormatException($"{where} names no file");
        }
        catch (StoreException e)
        {
            throw new FormatException($"{where}: {e.Message}", e);
        }
    }
}
