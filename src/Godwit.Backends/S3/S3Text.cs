using System.Globalization;
using System.Text;
using Amazon.S3;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>Text as S3 and rclone write it: keys in listings, times in metadata, ETags.</summary>
internal static class S3Text
{
    /// <summary>Where rclone keeps the time, below <c>x-amz-meta-</c>.</summary>
    public const string TimeKey = "mtime";

    /// <summary>Where rclone keeps the MD5 of a file that is written by parts, in base64.</summary>
    public const string Md5Key = "md5chksum";

    /// <summary>Where Godwit keeps how a file was cut: bytes of each part but the last. The ETag cannot be computed again without it.</summary>
    public const string PartSizeKey = "godwit-part-size";

    /// <summary>A key out of a listing that was asked for in URL encoding, as the bytes that it is.</summary>
    public static byte[] DecodeKey(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, null, out byte one))
            {
                bytes[count++] = one;
                i += 2;
            }
            else if (char.IsAscii(text[i]))
            {
                bytes[count++] = text[i] == '+' ? (byte)' ' : (byte)text[i];
            }
            else
            {
                int length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                count += Encoding.UTF8.GetBytes(text.AsSpan(i, length), bytes.AsSpan(count));
                i += length - 1;
            }
        }

        return bytes[..count];
    }

    /// <summary>A time as rclone writes it: seconds since 1970, with as many decimals as it has.</summary>
    public static string WriteTime(Timestamp time)
    {
        (UInt128 seconds, UInt128 rest) = UInt128.DivRem((UInt128)Int128.Abs(time.Nanoseconds), 1_000_000_000);
        string decimals = ((ulong)rest).ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        string sign = time.Nanoseconds < 0 ? "-" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{seconds}{(decimals.Length > 0 ? "." : "")}{decimals}");
    }

    /// <summary>Reads such a time; null for anything else, which somebody else may have written there.</summary>
    public static Timestamp? ReadTime(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        bool negative = text[0] == '-';
        string[] halves = text[(negative ? 1 : 0)..].Split('.');
        if (halves.Length > 2 || !ulong.TryParse(halves[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong seconds))
        {
            return null;
        }

        string decimals = (halves.Length == 2 ? halves[1] : "").PadRight(9, '0')[..9];
        if (!uint.TryParse(decimals, NumberStyles.None, CultureInfo.InvariantCulture, out uint rest))
        {
            return null;
        }

        Int128 exact = ((Int128)seconds * 1_000_000_000) + rest;
        return new Timestamp((long)Int128.Clamp(negative ? -exact : exact, long.MinValue, long.MaxValue));
    }

    /// <summary>An ETag without its quotes.</summary>
    public static string? ETag(string? etag) => etag?.Trim('"') is { Length: > 0 } bare ? bare : null;

    /// <summary>The MD5 that an ETag is, unless it came of parts or of encrypted bytes.</summary>
    public static Checksum? Md5Of(string? etag, ServerSideEncryptionMethod? encryption, ServerSideEncryptionCustomerMethod? customer) =>
        IsOfPlainBytes(encryption, customer) && etag is { Length: 32 } && etag.All(char.IsAsciiHexDigit)
            ? new Checksum(ChecksumKind.Md5, Convert.FromHexString(etag))
            : null;

    /// <summary>The checksum that the ETag of a file written by parts is (MD5 of the parts' MD5s, a hyphen, the number of parts); null where the size
    /// of the parts is not known or does not fit that number, as after another program copied the object along with its metadata.</summary>
    public static PartedChecksum? PartedOf(string? etag, long length, long partSize)
    {
        if (etag is null || partSize < 1 || etag.Length < 34 || etag[32] != '-' || !etag.AsSpan(0, 32).ContainsOnlyHex()
            || !int.TryParse(etag.AsSpan(33), NumberStyles.None, CultureInfo.InvariantCulture, out int parts)
            || parts != (length + partSize - 1) / partSize)
        {
            return null;
        }

        return new PartedChecksum(new Checksum(ChecksumKind.Md5, Convert.FromHexString(etag.AsSpan(0, 32))), partSize);
    }

    /// <summary>Whether the server's checksums are of the bytes that were sent, and not of what it made of them.</summary>
    public static bool IsOfPlainBytes(ServerSideEncryptionMethod? encryption, ServerSideEncryptionCustomerMethod? customer) =>
        (encryption is null || encryption == ServerSideEncryptionMethod.None || encryption == ServerSideEncryptionMethod.AES256)
        && (customer is null || customer == ServerSideEncryptionCustomerMethod.None);

    /// <summary>The MD5 in base64 that was noted beside an object; null for anything else.</summary>
    public static Checksum? ReadMd5(string? text) => ReadChecksum(ChecksumKind.Md5, text);

    /// <summary>A checksum in base64; null for anything else.</summary>
    public static Checksum? ReadChecksum(ChecksumKind kind, string? text)
    {
        Span<byte> bytes = stackalloc byte[Checksum.SizeOf(kind)];
        return text is not null && Convert.TryFromBase64String(text, bytes, out int count) && count == bytes.Length
            ? new Checksum(kind, bytes)
            : null;
    }

    /// <summary>The size of the parts that was noted beside an object; 0 for none.</summary>
    public static long ReadPartSize(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? size : 0;

    private static bool ContainsOnlyHex(this ReadOnlySpan<char> text) => !text.ContainsAnyExcept(s_hex);

    private static readonly System.Buffers.SearchValues<char> s_hex = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}
