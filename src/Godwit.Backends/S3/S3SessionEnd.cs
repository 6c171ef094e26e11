using System.Globalization;
using System.Text.Json;

namespace Godwit.Backends.S3;

/// <summary>When a temporary credential ends, as far as it can be read without asking anybody.</summary>
public static class S3SessionEnd
{
    private const int MostBytes = 1 << 20;

    // What tools that log in write beside the credential; AWS' own have no name for it.
    private static readonly string[] s_keys = ["x_security_token_expires", "aws_expiration", "aws_session_expiration", "expiration"];

    /// <summary>The end that a token names: one that is a JSON Web Token, as MinIO gives them. Nothing is checked: it is for people.</summary>
    /// <returns>Null where it is none, or names none.</returns>
    public static DateTimeOffset? OfToken(string? token)
    {
        if (token?.Split('.') is not [_, { Length: > 0 } claims, _])
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(Convert.FromBase64String(Padded(claims.Replace('-', '+').Replace('_', '/'))));
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("exp", out JsonElement end)
                && end.ValueKind == JsonValueKind.Number && end.TryGetDouble(out double seconds) && seconds is > 0 and < 253_402_300_799
                ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The end that a profile of <c>~/.aws/credentials</c> names, beside its credential or in its token.</summary>
    /// <param name="profile">The profile; null for <c>default</c>.</param>
    /// <param name="variable">Tells a variable of the environment; null where it is not set.</param>
    /// <returns>Null where it names none, or cannot be read.</returns>
    public static DateTimeOffset? OfProfile(string? profile, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        string file = variable("AWS_SHARED_CREDENTIALS_FILE") is { Length: > 0 } named ? named : Path.Combine(variable("HOME") ?? "/", ".aws", "credentials");
        try
        {
            var found = new FileInfo(file);
            return found.Exists && found.Length is > 0 and <= MostBytes ? Of(SectionOf(File.ReadAllLines(file), profile ?? "default")) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A time as such tools write it; null for anything else.</summary>
    internal static DateTimeOffset? TimeOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;

    private static DateTimeOffset? Of(Dictionary<string, string> section) =>
        s_keys.Select(key => TimeOf(section.GetValueOrDefault(key))).FirstOrDefault(time => time is not null)
        ?? OfToken(section.GetValueOrDefault("aws_session_token"));

    private static Dictionary<string, string> SectionOf(IEnumerable<string> lines, string name)
    {
        var section = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        bool isIn = false;
        foreach (string line in lines.Select(line => line.Trim()))
        {
            if (line.StartsWith('['))
            {
                isIn = line.Trim('[', ']').Trim() == name;
            }
            else if (isIn && line.Split('=', 2) is [var key, var value] && !line.StartsWith('#') && !line.StartsWith(';'))
            {
                section[key.Trim()] = value.Trim();
            }
        }

        return section;
    }

    private static string Padded(string text) => text.PadRight((text.Length + 3) / 4 * 4, '=');
}
