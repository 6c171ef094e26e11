using System.Text.RegularExpressions;
using Godwit.Storage;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>
/// One pattern of rclone's filter language. <c>*</c> and <c>?</c> stay within a name, <c>**</c> does not; <c>[a-z]</c>,
/// <c>{a,b}</c>, <c>{{regexp}}</c>; a leading <c>/</c> ties it to the root, otherwise it begins at any name; a trailing <c>/</c>
/// means everything below; a backslash takes a character as it is, <c>\xNN</c> is a byte, <c>\d \s \w</c> are classes.
/// </summary>
public sealed class GlobPattern
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant;

    private readonly Regex _whole;
    private readonly Regex[] _names;
    private readonly bool _open;
    private readonly bool _coversBelow;

    private GlobPattern(string text, GlobSyntax syntax, RegexOptions options)
    {
        Text = text;
        string body = string.Join('/', syntax.Names);
        _whole = new Regex(@"\A(?:" + (syntax.Rooted ? "" : "(?:.*/)?") + body + @")\z", options);
        _open = !syntax.Rooted || syntax.FirstOpen < syntax.Names.Count;
        _names = syntax.Rooted ? [.. syntax.Names.Take(syntax.FirstOpen).Select(name => new Regex($@"\A(?:{name})\z", options))] : [];
        _coversBelow = syntax is { EndsOpen: true, HasRegexp: false };
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">What is wrong with it, in words that can follow the pattern.</exception>
    public static GlobPattern Parse(string text, bool ignoreCase = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        RegexOptions options = Options | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        return new GlobPattern(text, GlobSyntax.Read(text), options);
    }

    /// <summary>Whether a file at this path is meant.</summary>
    public bool Matches(StorePath path) => Matches(NameText.Decode(path.Bytes));

    internal bool Matches(string path) => _whole.IsMatch(path);

    /// <summary>Whether anything below a directory can be meant. May say yes in vain, never no.</summary>
    internal bool MayMatchBelow(string directory)
    {
        int depth = 0;
        foreach (Range name in directory.AsSpan().Split('/'))
        {
            if (depth == _names.Length)
            {
                return _open;
            }

            if (!_names[depth++].IsMatch(directory.AsSpan(name)))
            {
                return false;
            }
        }

        return _open || depth < _names.Length;
    }

    /// <summary>Whether everything below a directory is meant. May say no in vain, never yes.</summary>
    internal bool CoversBelow(string directory) => _coversBelow && _whole.IsMatch(directory + "/");
}
