using System.Text;
using System.Text.RegularExpressions;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>A pattern taken apart into names, each a regular expression.</summary>
internal sealed class GlobSyntax
{
    private readonly PatternText _text;
    private readonly List<string> _names = [];
    private readonly StringBuilder _name = new();
    private int _braces;

    private GlobSyntax(PatternText text) => _text = text;

    /// <summary>One regular expression for each name between slashes; joined by slashes they are the whole.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Whether it is tied to the root.</summary>
    public bool Rooted { get; private set; }

    /// <summary>The first of <see cref="Names"/> that can take more than one name of a path; their count when none can.</summary>
    public int FirstOpen { get; private set; } = int.MaxValue;

    /// <summary>Whether it ends with something that takes every further character.</summary>
    public bool EndsOpen { get; private set; }

    /// <summary>Whether it holds a regular expression of the user's.</summary>
    public bool HasRegexp { get; private set; }

    /// <exception cref="FormatException">What is wrong with it.</exception>
    public static GlobSyntax Read(string pattern)
    {
        var syntax = new GlobSyntax(PatternText.WithBytes(pattern));
        syntax.Read();
        return syntax;
    }

    private void Read()
    {
        Rooted = _text.TryTake('/');
        if (_text.AtEnd && !Rooted)
        {
            throw new FormatException("it is empty");
        }

        while (!_text.AtEnd)
        {
            ReadOne(_text.Take(""));
        }

        if (_braces > 0)
        {
            throw new FormatException("the { is not closed");
        }

        if (_name.Length == 0)
        {
            TakeAnything();
        }

        // The last name begins anywhere: a lone star takes every file there is.
        EndsOpen |= !Rooted && _names.Count == 0 && _name.ToString() == CharacterClass.Any + "*";
        _names.Add(_name.ToString());
        FirstOpen = Math.Min(FirstOpen, _names.Count);
    }

    private void ReadOne(char c)
    {
        EndsOpen = false;
        switch (c)
        {
            case '/':
                EndName();
                break;
            case '*':
                ReadStars();
                break;
            case '?':
                _name.Append(CharacterClass.Any);
                break;
            case '[':
                _name.Append(CharacterClass.Read(_text));
                break;
            case ']':
                throw new FormatException("the ] was not opened");
            case '\\':
                _name.Append(_text.Peek is { } letter && CharacterClass.IsPerl(letter)
                    ? CharacterClass.OfPerl(_text.Take(""))
                    : CharacterClass.Literal(_text.TakeEscaped()));
                break;
            default:
                ReadBraces(c);
                break;
        }
    }

    private void ReadBraces(char c)
    {
        switch (c)
        {
            case '{' when _text.TryTake('{'):
                ReadRegexp();
                break;
            case '{':
                _braces++;
                _name.Append("(?:");
                break;
            case '}' when _braces == 0:
                throw new FormatException("the } was not opened");
            case '}':
                _braces--;
                _name.Append(')');
                break;
            case ',' when _braces > 0:
                _name.Append('|');
                break;
            default:
                _name.Append(CharacterClass.Literal(c));
                break;
        }
    }

    private void EndName()
    {
        if (_braces > 0)
        {
            MarkOpen();
            _name.Append('/');
            return;
        }

        if (_name.Length == 0)
        {
            throw new FormatException("it has an empty name between slashes");
        }

        _names.Add(_name.ToString());
        _name.Clear();
    }

    private void ReadStars()
    {
        if (!_text.TryTake('*'))
        {
            _name.Append(CharacterClass.Any).Append('*');
            return;
        }

        if (_text.Peek == '*')
        {
            throw new FormatException("it has more than two stars in a row");
        }

        TakeAnything();
    }

    private void TakeAnything()
    {
        MarkOpen();
        _name.Append(".*");
        EndsOpen = _braces == 0;
    }

    private void ReadRegexp()
    {
        string regexp = _text.TakeUntil("}}", "the {{ is not closed").Replace("(?P<", "(?<", StringComparison.Ordinal);
        try
        {
            _ = new Regex(regexp, RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"the regular expression cannot be used: {e.Message}", e);
        }

        MarkOpen();
        HasRegexp = true;
        _name.Append("(?:").Append(regexp).Append(')');
    }

    private void MarkOpen() => FirstOpen = Math.Min(FirstOpen, _names.Count);
}
