using System.Globalization;
using System.Text;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>A pattern as it is read, character by character.</summary>
internal sealed class PatternText(string text)
{
    private int _next;

    /// <summary>The next character; null at the end.</summary>
    public char? Peek => At(0);

    /// <summary>The one after it.</summary>
    public char? PeekSecond => At(1);

    public bool AtEnd => _next == text.Length;

    /// <exception cref="FormatException">There is none, for the reason given.</exception>
    public char Take(string reasonAtEnd) => AtEnd ? throw new FormatException(reasonAtEnd) : text[_next++];

    public bool TryTake(char c)
    {
        bool taken = Peek == c;
        _next += taken ? 1 : 0;
        return taken;
    }

    /// <summary>What stands before the mark; the position is then behind it.</summary>
    public string TakeUntil(string mark, string reasonAtEnd)
    {
        int end = text.IndexOf(mark, _next, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new FormatException(reasonAtEnd);
        }

        // Of four braces in a row the last two close: {{a{2}}} is a{2}.
        while (mark == "}}" && end + 2 < text.Length && text[end + 2] == '}')
        {
            end++;
        }

        string taken = text[_next..end];
        _next = end + mark.Length;
        return taken;
    }

    /// <summary>The character that a backslash, already taken, stands for: a reserved one, or a control character.</summary>
    /// <exception cref="FormatException">A letter or digit that means nothing after a backslash.</exception>
    public char TakeEscaped()
    {
        char c = Take("it ends with a backslash");
        return c switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            _ when char.IsAsciiLetterOrDigit(c) => throw new FormatException(
                $"\\{c} means nothing; a backslash stands before a reserved character, d D s S w W, n t r or xNN"),
            _ => c,
        };
    }

    /// <summary>
    /// A pattern in which <c>\xNN</c> stands for a byte (of a name that is not UTF-8, for example), with those bytes in place:
    /// several in a row may be one character.
    /// </summary>
    public static PatternText WithBytes(string pattern)
    {
        var text = new StringBuilder(pattern.Length);
        for (int i = 0; i < pattern.Length; i++)
        {
            var run = new List<byte>();
            while (ByteAt(pattern, i) is { } b)
            {
                run.Add(b);
                i += 4;
            }

            foreach (char c in NameText.Decode([.. run]))
            {
                text.Append(char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c) ? "\\" : "").Append(c);
            }

            if (i >= pattern.Length)
            {
                break;
            }

            text.Append(pattern[i]);
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                text.Append(pattern[++i]);
            }
        }

        return new PatternText(text.ToString());
    }

    private static byte? ByteAt(string pattern, int i) =>
        i + 3 < pattern.Length && pattern[i] == '\\' && pattern[i + 1] == 'x'
            && byte.TryParse(pattern.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte b)
            ? b
            : null;

    private char? At(int ahead) => _next + ahead < text.Length ? text[_next + ahead] : null;
}
