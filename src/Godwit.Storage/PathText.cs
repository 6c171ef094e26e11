using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Godwit.Storage;

/// <summary>Bytes of a name as text that a terminal, a log line or a JSON string can carry, and back.</summary>
public static class PathText
{
    /// <summary>
    /// UTF-8 as it is; bytes that are not UTF-8, control characters and the backslash before an <c>x</c> as <c>\xNN</c>.
    /// </summary>
    /// <remarks>The result holds no control character, so a name cannot move the cursor or forge a second log line, and
    /// <see cref="Unescape"/> gives the same bytes back.</remarks>
    public static string Escape(ReadOnlySpan<byte> bytes)
    {
        if (IsPlain(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder(bytes.Length + 16);
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int used);
            if (status == OperationStatus.Done && !NeedsEscape(rune, bytes))
            {
                text.Append(rune);
            }
            else
            {
                foreach (byte b in bytes[..used])
                {
                    text.Append("\\x").Append(b.ToString("x2"));
                }
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }

    /// <summary>The bytes that <see cref="Escape"/> was given.</summary>
    public static byte[] Unescape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        var bytes = new List<byte>(utf8.Length);
        for (int i = 0; i < utf8.Length; i++)
        {
            if (utf8[i] == '\\' && i + 3 < utf8.Length && utf8[i + 1] == 'x' && Hex(utf8[i + 2]) is { } high && Hex(utf8[i + 3]) is { } low)
            {
                bytes.Add((byte)((high << 4) | low));
                i += 3;
            }
            else
            {
                bytes.Add(utf8[i]);
            }
        }

        return [.. bytes];
    }

    /// <summary>Whether the bytes are UTF-8, so that a store whose names are Unicode can hold them as they are.</summary>
    public static bool IsUtf8(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes);

    private static bool IsPlain(ReadOnlySpan<byte> bytes) =>
        !bytes.ContainsAnyInRange((byte)0, (byte)0x1f) && !bytes.ContainsAnyInRange((byte)0x7f, (byte)0xff) && !bytes.Contains((byte)'\\');

    private static bool NeedsEscape(Rune rune, ReadOnlySpan<byte> bytes) =>
        Rune.IsControl(rune)
        || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format
            or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator
        || (rune.Value == '\\' && bytes.Length > 1 && bytes[1] == 'x');

    private static int? Hex(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        _ => null,
    };
}
