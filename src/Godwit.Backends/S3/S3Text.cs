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
    public static Checksum? Md5Of(string? etag, ServerSideEncryptionMethod? encryption, ServerSideEncryptionCustomerMethod? customer)
    {
        bool plain = (encryption is null || encryption == ServerSideEncryptionMethod.None || encryption == ServerSideEncryptionMethod.AES256)
            && (customer is null || customer == ServerSideEncryptionCustomerMethod.None);
        return plain && etag is { Length: 32 } && etag.All(char.IsAsciiHexDigit)
            ? new Checksum(ChecksumKind.Md5, Convert.FromHexString(etag))
            : null;
    }
}
