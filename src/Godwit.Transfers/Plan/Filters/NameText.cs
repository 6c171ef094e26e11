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
}
