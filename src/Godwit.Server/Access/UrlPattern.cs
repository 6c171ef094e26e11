using System.Text;
using System.Text.RegularExpressions;

namespace Godwit.Server.Access;

/// <summary>Places that a project may use, such as <c>s3://atlas-*/raw</c> or <c>archive:atlas</c>: what it matches and everything below that. <c>*</c> stands
/// for any characters but <c>/</c>, <c>**</c> for any at all; everything else for itself.</summary>
public sealed partial class UrlPattern
{
    private readonly Regex _regex;

    private UrlPattern(string text, Regex regex) => (Text, _regex) = (text, regex);

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether it names one server, so that whoever wrote it meant that one.</summary>
    public bool NamesHost => Authority().Match(Text) is not { Success: true } found || !found.Groups[1].Value.Contains('*', StringComparison.Ordinal);

    /// <summary>Whether it names endpoints: <c>s3:</c> is the endpoint of that name, and no bucket.</summary>
    private bool IsOfEndpoint => Text[0] != '/' && !Authority().IsMatch(Text);

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It is none; the message says what to write.</exception>
    public static UrlPattern Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!Place().IsMatch(text))
        {
            throw new FormatException("write an address, such as s3://bucket/prefix, sftp://host/path, /a/directory, or the name of an endpoint and a colon, with * and ** in it");
        }

        if (text.Split('/').Any(name => name is "." or ".."))
        {
            throw new FormatException("write it without . and ..");
        }

        return new UrlPattern(text, new Regex(Expression(text.TrimEnd('/')), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant));
    }

    /// <summary>Whether a place lies at what it matches, or below.</summary>
    public bool Takes(string place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return _regex.IsMatch(place) && !(IsOfEndpoint && Authority().IsMatch(place));
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string Expression(string text)
    {
        var expression = new StringBuilder("^");
        for (int at = 0; at < text.Length; at++)
        {
            bool isDeep = text[at] == '*' && at + 1 < text.Length && text[at + 1] == '*';
            expression.Append(isDeep ? ".*" : text[at] == '*' ? "[^/]*" : Regex.Escape(text[at].ToString()));
            at += isDeep ? 1 : 0;
        }

        // An endpoint's own root has no slash before what lies below it.
        return expression.Append(text.EndsWith(':') ? @".*\z" : @"(/.*)?\z").ToString();
    }

    [GeneratedRegex(@"^(/|[A-Za-z][A-Za-z0-9+.-]*://[^/]|[A-Za-z][A-Za-z0-9_.*-]+:(?!//))")]
    private static partial Regex Place();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*://([^/]*)")]
    private static partial Regex Authority();
}
