using System.Text.RegularExpressions;

namespace Godwit.Server.Tls;

/// <summary>Which names an authority may sign, as grids distribute it beside its certificate: Globus' <c>signing_policy</c> files.</summary>
internal sealed partial class SigningPolicy
{
    private readonly List<(string Authority, Regex Subjects)> _allowed = [];
    private readonly HashSet<string> _known = [];

    /// <summary>Takes over what a file says.</summary>
    /// <returns>False where it names no authority, or one that cannot be read: nothing can be told by it.</returns>
    public bool TryAdd(string text)
    {
        string? authority = null;
        bool isRead = false;
        foreach (string line in text.Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith("access_id_CA", StringComparison.Ordinal))
            {
                if (Authority().Match(line) is not { Success: true } named)
                {
                    return false;
                }

                authority = Same(named.Groups["name"].Value);
                isRead = true;
                _known.Add(authority);
            }
            else if (authority is not null && line.StartsWith("cond_subjects", StringComparison.Ordinal))
            {
                _allowed.AddRange(Quoted().Matches(line).Select(subject => (authority, Expression(Same(subject.Groups[1].Value)))));
            }
        }

        return isRead;
    }

    /// <summary>Whether an authority may sign a name; one that no file speaks of may sign all.</summary>
    public bool Allows(string authority, string subject) =>
        !_known.Contains(authority) || _allowed.Any(one => one.Authority == authority && one.Subjects.IsMatch(subject));

    private static string Same(string name)
    {
        try
        {
            return GridName.Of(name);
        }
        catch (FormatException)
        {
            // A pattern need not be a whole name: "*" is one.
            return name;
        }
    }

    private static Regex Expression(string pattern) => new(
        $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal)}\\z",
        RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);

    [GeneratedRegex("""^access_id_CA\s+X509\s+(?<quote>['"]?)(?<name>/.*?)\k<quote>\s*(#.*)?\z""")]
    private static partial Regex Authority();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();
}
