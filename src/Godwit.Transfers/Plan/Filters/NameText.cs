using System.Buffers;
using System.Text;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>
/// Bytes of a name as the text that patterns are held against and that arguments are kept in: one character for each character, and for
/// each byte that is not UTF-8 one lone surrogate (U+DC80 to U+DCFF), so that every name has its own text and <c>?</c> takes one of either.
/// </summary>
public static class NameText
{
    /// <summary>The text.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Ascii.IsValid(bytes))
        {
            return Encoding.Latin1.GetString(bytes);
        }

        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int used) == OperationStatus.Done)
            {
                text.Append(rune);
            }
            else
            {
                foreach (byte b in bytes[..used])
                {
                    text.Append((char)(0xdc00 + b));
                }
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }

    /// <summary>The bytes that the text stands for.</summary>
    public static byte[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = new List<byte>(text.Length + 8);
        Span<byte> buffer = stackalloc byte[4];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is >= '\udc80' and <= '\udcff' && (i == 0 || !char.IsHighSurrogate(text[i - 1])))
            {
                bytes.Add((byte)(text[i] - 0xdc00));
                continue;
            }

            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int used);
            bytes.AddRange(buffer[..rune.EncodeToUtf8(buffer)]);
            i += used - 1;
        }

        return [.. bytes];
    }
}
