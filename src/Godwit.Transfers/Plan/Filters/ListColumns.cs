using System.Text;
using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>The columns of a list of files, apart by a tab: the path at the source, the path at the destination, a checksum. The last two may be
/// empty or left out.</summary>
internal static class ListColumns
{
    private const byte Tab = (byte)'\t';

    private static readonly ChecksumKind[] s_byLength = [ChecksumKind.Md5, ChecksumKind.Sha1, ChecksumKind.Sha256, ChecksumKind.Sha512, ChecksumKind.Crc64Nvme];

    /// <summary>The columns of a line, as they stand.</summary>
    public static List<byte[]> Split(ReadOnlySpan<byte> line)
    {
        var columns = new List<byte[]>(3);
        foreach (Range range in line.Split(Tab))
        {
            columns.Add(line[range].ToArray());
        }

        return columns;
    }

    /// <summary>What they say.</summary>
    /// <exception cref="FormatException">A path is none below a root, the checksum is none, or there are too many; the message begins with
    /// <paramref name="where"/>.</exception>
    public static ListedFile Read(List<byte[]> columns, string where)
    {
        if (columns.Count > 3)
        {
            throw new FormatException($"{where} has {columns.Count} columns; there are three: source, destination, checksum. Write a tab in a name as \\t");
        }

        // What is written like a directory is one; whoever reads the list looks what is there.
        StorePath source = PathOf(columns[0].AsSpan().TrimEnd((byte)'/'), where);
        StorePath destination = columns.Count < 2 || columns[1].Length == 0 ? source : DestinationOf(columns[1], source, where);
        Checksum? expected = columns.Count < 3 || columns[2].Length == 0 ? null : ChecksumOf(Encoding.Latin1.GetString(columns[2]), where + ": ");
        return new ListedFile(source, destination, expected) { Where = where };
    }

    /// <summary>The columns of a file, as few as say all.</summary>
    public static List<byte[]> Write(ListedFile file)
    {
        var columns = new List<byte[]>(3) { file.Source.Bytes.ToArray() };
        if (file.HasColumns)
        {
            columns.Add(file.Destination == file.Source ? [] : file.Destination.Bytes.ToArray());
        }

        if (file.Expected is { } expected)
        {
            columns.Add(Encoding.ASCII.GetBytes(expected.ToString()));
        }

        return columns;
    }

    /// <summary>As they stand in a line.</summary>
    public static byte[] Join(List<byte[]> columns) => [.. columns.SelectMany((column, i) => i == 0 ? column : [Tab, .. column])];

    /// <summary>A name that ends in a slash is a directory, into which the file goes under its own name.</summary>
    private static StorePath DestinationOf(byte[] column, StorePath source, string where)
    {
        bool into = column[^1] == '/';
        ReadOnlySpan<byte> name = column.AsSpan().TrimEnd((byte)'/');
        return into ? PathOf([.. name, (byte)'/', .. source.Name], where) : PathOf(name, where);
    }

    /// <summary>A checksum: <c>sha256:9f86...</c>, or the digits alone where their number tells the kind.</summary>
    public static Checksum ChecksumOf(string text, string where = "")
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string hex = text[(colon + 1)..];
        ChecksumKind[] kinds = colon >= 0
            ? [.. Enum.GetValues<ChecksumKind>().Where(kind => Checksum.NameOf(kind).Equals(text[..colon], StringComparison.OrdinalIgnoreCase))]
            : [.. s_byLength.Where(kind => Checksum.SizeOf(kind) * 2 == hex.Length)];
        if (kinds is [var one] && hex.Length == Checksum.SizeOf(one) * 2 && Checksum.TryParse(one, hex, out Checksum checksum))
        {
            return checksum;
        }

        string why = colon < 0 && hex.Length == 8 ? "may be adler32 or crc32c: write which, as adler32:" + hex
            : "is no checksum: write its kind and its hexadecimal digits, such as sha256:9f86... or md5:0cc1...";
        throw new FormatException($"{where}\"{PathText.Escape(Encoding.Latin1.GetBytes(text))}\" {why}");
    }

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
