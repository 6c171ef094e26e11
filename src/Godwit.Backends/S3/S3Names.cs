using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>
/// Paths as keys, and back. A key is UTF-8: a byte that is not becomes <c>‛XX</c>, U+201B and its number, as rclone writes it. A <c>‛</c>
/// of a name's own that would be read as one of those becomes bytes itself, <c>‛E2‛80‛9B</c>; every other is left alone, and so is a pair
/// of them. All else is the same in key and path.
/// </summary>
internal static class S3Names
{
    private const byte FirstBeyondAscii = 0x80;

    private static ReadOnlySpan<byte> Quote => "\u201B"u8;

    /// <summary>The key of a path.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> path)
    {
        if (IsSame(path))
        {
            return path.ToArray();
        }

        var key = new ArrayBufferWriter<byte>(path.Length + 64);
        while (!path.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(path, out _, out int used) == OperationStatus.Done;
            bool isQuote = valid && path[..used].SequenceEqual(Quote);
            if (isQuote && path[used..].StartsWith(Quote))
            {
                used *= 2;
            }
            else if (isQuote && WouldBeRead(path[used..]))
            {
                valid = false;
            }

            Write(key, path[..used], asBytes: !valid);
            path = path[used..];
        }

        return key.WrittenSpan.ToArray();
    }

    /// <summary>The path of a key; null where no path has this key.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> key)
    {
        if (IsSame(key))
        {
            return key.ToArray();
        }

        var path = new ArrayBufferWriter<byte>(key.Length);
        for (ReadOnlySpan<byte> left = key; !left.IsEmpty;)
        {
            int used = 1;
            if (left.StartsWith(Quote))
            {
                used = Quote.Length;
                if (ByteAt(left[used..]) is { } one)
                {
                    path.Write([one]);
                    left = left[(used + 2)..];
                    continue;
                }

                used *= left[used..].StartsWith(Quote) ? 2 : 1;
            }

            path.Write(left[..used]);
            left = left[used..];
        }

        // Two keys never have one path: what is written elsewhere and would be read as another's is no path's.
        return Encode(path.WrittenSpan).AsSpan().SequenceEqual(key) ? path.WrittenSpan.ToArray() : null;
    }

    /// <summary>The key of a path as text.</summary>
    public static string KeyOf(StorePath path) => Encoding.UTF8.GetString(IsSame(path.Bytes) ? path.Bytes : Encode(path.Bytes));

    /// <summary>Bytes of the key of a path.</summary>
    public static int LengthOf(StorePath path) => IsSame(path.Bytes) ? path.Bytes.Length : Encode(path.Bytes).Length;

    private static bool IsSame(ReadOnlySpan<byte> bytes) =>
        !bytes.ContainsAnyInRange(FirstBeyondAscii, (byte)0xff) || (Utf8.IsValid(bytes) && bytes.IndexOf(Quote) < 0);

    /// <summary>Whether a quote before this would be read as the beginning of a byte, or of a pair with the quote that such a byte begins with.</summary>
    private static bool WouldBeRead(ReadOnlySpan<byte> next) =>
        ByteAt(next) is not null || (!next.IsEmpty && Rune.DecodeFromUtf8(next, out _, out _) != OperationStatus.Done);

    /// <summary>The byte that two capital hexadecimal digits stand for; null for anything else. ASCII is never written so.</summary>
    private static byte? ByteAt(ReadOnlySpan<byte> text) =>
        text.Length >= 2 && Digit(text[0]) is >= 8 and var high && Digit(text[1]) is >= 0 and var low ? (byte)((high << 4) | low) : null;

    private static int Digit(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };

    private static void Write(ArrayBufferWriter<byte> key, ReadOnlySpan<byte> bytes, bool asBytes)
    {
        if (!asBytes)
        {
            key.Write(bytes);
            return;
        }

        foreach (byte one in bytes)
        {
            key.Write(Quote);
            key.Write([(byte)"0123456789ABCDEF"[one >> 4], (byte)"0123456789ABCDEF"[one & 15]]);
        }
    }
}
