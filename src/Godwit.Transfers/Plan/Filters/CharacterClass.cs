using System.Globalization;
using System.Text;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>What stands between <c>[</c> and <c>]</c>, or after a backslash, as a regular expression of one character.</summary>
internal static class CharacterClass
{
    private const string Pair = @"[\ud800-\udbff][\udc00-\udfff]";

    /// <summary>Any one character but <c>/</c>: half of a pair is never taken for one.</summary>
    public const string Any = @"(?:[^/\ud800-\udbff]|" + Pair + ")";

    private static readonly Dictionary<char, string> Perl = new()
    {
        ['d'] = "0-9",
        ['D'] = @"\u0000-\u002f\u003a-\uffff",
        ['s'] = @"\u0009\u000a\u000c\u000d\u0020",
        ['S'] = @"\u0000-\u0008\u000b\u000e-\u001f\u0021-\uffff",
        ['w'] = "0-9A-Za-z_",
        ['W'] = @"\u0000-\u002f\u003a-\u0040\u005b-\u005e\u0060\u007b-\uffff",
    };

    private static readonly Dictionary<string, string> Ascii = new()
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = @"\u0000-\u007f",
        ["blank"] = @"\u0009\u0020",
        ["cntrl"] = @"\u0000-\u001f\u007f",
        ["digit"] = "0-9",
        ["graph"] = @"\u0021-\u007e",
        ["lower"] = "a-z",
        ["print"] = @"\u0020-\u007e",
        ["punct"] = @"\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e",
        ["space"] = @"\u0009-\u000d\u0020",
        ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    /// <summary>Whether a letter after a backslash stands for a class.</summary>
    public static bool IsPerl(char letter) => Perl.ContainsKey(letter);

    /// <summary>The class of a letter after a backslash.</summary>
    public static string OfPerl(char letter) => Finish(Perl[letter], negated: false, wide: char.IsUpper(letter));

    /// <summary>One character, whatever it means elsewhere.</summary>
    public static string Literal(char c) =>
        char.IsAsciiLetterOrDigit(c) ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");

    /// <summary>Reads a class; the position is after <c>[</c> and moves behind <c>]</c>.</summary>
    /// <exception cref="FormatException">It is not closed, empty, or holds a range from high to low.</exception>
    public static string Read(PatternText text)
    {
        bool negated = text.TryTake('!') || text.TryTake('^');
        var items = new StringBuilder();
        bool wide = false;
        do
        {
            char c = text.Take("the [ is not closed");
            if (c == '[' && text.TryTake(':'))
            {
                string name = text.TakeUntil(":]", "the [: is not closed");
                items.Append(Ascii.GetValueOrDefault(name) ?? throw new FormatException($"[:{name}:] is not a character class"));
            }
            else if (c == '\\' && text.Peek is { } letter && IsPerl(letter))
            {
                items.Append(Perl[text.Take("")]);
                wide |= char.IsUpper(letter);
            }
            else
            {
                AppendRange(text, c, items);
            }
        }
        while (!text.TryTake(']'));
        return Finish(items.ToString(), negated, wide);
    }

    private static void AppendRange(PatternText text, char first, StringBuilder items)
    {
        char low = Single(text, first);
        items.Append(Literal(low));
        if (text.Peek != '-' || text.PeekSecond is null or ']')
        {
            return;
        }

        text.Take("");
        char high = Single(text, text.Take("the [ is not closed"));
        if (high < low)
        {
            throw new FormatException($"the range {low}-{high} runs from high to low");
        }

        items.Append('-').Append(Literal(high));
    }

    private static char Single(PatternText text, char c)
    {
        char single = c == '\\' ? text.TakeEscaped() : c;
        return char.IsHighSurrogate(single)
            ? throw new FormatException("a character beyond U+FFFF cannot stand in [ ]; write {a,b} instead")
            : single;
    }

    // A class never takes a slash: what matches within one name cannot reach into the next.
    private static string Finish(string items, bool negated, bool wide) => (negated, wide) switch
    {
        (true, true) => $@"[^{items}/\ud800-\udfff]",
        (true, false) => $@"(?:[^{items}/\ud800-\udbff]|{Pair})",
        (false, true) => $@"(?:[{items}-[/\ud800-\udbff]]|{Pair})",
        (false, false) => $"[{items}-[/]]",
    };
}
