using System.Buffers;
using System.Text;
using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary>One line of a list of checksums: a file's name as bytes, and what it has to have.</summary>
/// <param name="Name">The name, as it was written.</param>
/// <param name="Digits">The checksum in hexadecimal.</param>
/// <param name="Kind">Its kind, where the line says; null where only the number of digits tells.</param>
internal sealed record ChecksumLine(byte[] Name, string Digits, ChecksumKind? Kind)
{
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>The kind of a name such as <c>sha256</c>; null for an unknown one.</summary>
    public static ChecksumKind? KindNamed(string name) => Enum.GetValues<ChecksumKind>()
        .Where(kind => Checksum.NameOf(kind).Equals(name, StringComparison.OrdinalIgnoreCase))
        .Cast<ChecksumKind?>().FirstOrDefault();

    /// <summary>The line as <c>sha256sum</c> writes it, without its end: a name with a backslash or a line end is escaped, and the
    /// line says so by a backslash at its beginning.</summary>
    /// <param name="checksum">The checksum.</param>
    /// <param name="name">The name.</param>
    /// <param name="tagged">Whether the line names its kind, as <c>sha256sum --tag</c> does.</param>
    public static byte[] Write(Checksum checksum, ReadOnlySpan<byte> name, bool tagged)
    {
        ReadOnlySpan<byte> mark = name.ContainsAny("\\\n\r"u8) ? "\\"u8 : default;
        byte[] escaped = PathList.Escape(name);
        return tagged
            ? [.. mark, .. Encoding.ASCII.GetBytes($"{Checksum.NameOf(checksum.Kind).ToUpperInvariant()} ("), .. escaped,
                .. ") = "u8, .. Encoding.ASCII.GetBytes(checksum.Hex)]
            : [.. mark, .. Encoding.ASCII.GetBytes(checksum.Hex), .. "  "u8, .. escaped];
    }

    /// <summary>Reads a line of <c>sha256sum</c>, <c>md5sum</c> or their <c>--tag</c> form; null for anything else.</summary>
    public static ChecksumLine? Read(ReadOnlySpan<byte> line)
    {
        bool escaped = line.StartsWith("\\"u8);
        ReadOnlySpan<byte> rest = escaped ? line[1..] : line;
        int digits = rest.IndexOfAnyExcept(HexDigits);

        // Two spaces, or a space and the star of a file that was read as binary.
        if (digits > 0 && rest.Length > digits + 2 && rest[digits] == ' ' && rest[digits + 1] is (byte)' ' or (byte)'*')
        {
            return Of(rest[(digits + 2)..], escaped, Encoding.ASCII.GetString(rest[..digits]), null);
        }

        int open = rest.IndexOf(" ("u8);
        int close = rest.LastIndexOf(") = "u8);
        return open > 0 && close > open + 1 && KindNamed(Encoding.Latin1.GetString(rest[..open])) is { } kind
            ? Of(rest[(open + 2)..close], escaped, Encoding.Latin1.GetString(rest[(close + 4)..]), kind)
            : null;
    }

    /// <summary>The checksum that the file has to have; null when the digits are of no kind that can be known.</summary>
    /// <param name="asked">The kind that the user named; null for none.</param>
    public Checksum? Expected(ChecksumKind? asked)
    {
        ChecksumKind? kind = Kind ?? asked ?? Digits.Length switch
        {
            32 => ChecksumKind.Md5,
            40 => ChecksumKind.Sha1,
            64 => ChecksumKind.Sha256,
            128 => ChecksumKind.Sha512,
            16 => ChecksumKind.Crc64Nvme,
            _ => null,
        };
        return kind is { } known && Digits.Length == 2 * Checksum.SizeOf(known) && Checksum.TryParse(known, Digits, out Checksum checksum)
            ? checksum
            : null;
    }

    private static ChecksumLine? Of(ReadOnlySpan<byte> name, bool escaped, string digits, ChecksumKind? kind) =>
        (escaped ? PathList.Unescape(name) : name.ToArray()) is { Length: > 0 } bytes ? new ChecksumLine(bytes, digits, kind) : null;
}
