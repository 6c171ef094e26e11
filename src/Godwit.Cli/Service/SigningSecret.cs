using Godwit.Cli.Configuration.Secrets;

namespace Godwit.Cli.Service;

/// <summary>Secrets that messages of the service are signed with. Whoever finds one out by trying can send messages that look like ours.</summary>
internal static class SigningSecret
{
    private const string KeyPrefix = "whsec_";
    private const int LeastBytes = 24;
    private const int LeastCharacters = 16;

    /// <summary>The secret, which is long enough: any line, or <c>whsec_</c> and base64.</summary>
    /// <exception cref="CommandException">It cannot be had, is too short, or what follows <c>whsec_</c> is no base64.</exception>
    public static string Of(SecretReference reference, Wiring wiring)
    {
        string line = ReadSecret.Of(reference, wiring);
        try
        {
            return WeaknessOf(line) is { } weakness ? throw ReadSecret.Wrong(reference, weakness) : line;
        }
        catch (FormatException)
        {
            throw ReadSecret.Wrong(reference, "what follows whsec_ is not base64");
        }
    }

    private static string? WeaknessOf(string line) =>
        line.StartsWith(KeyPrefix, StringComparison.Ordinal)
            ? Convert.FromBase64String(line[KeyPrefix.Length..]).Length < LeastBytes ? $"it has fewer than {LeastBytes} bytes behind whsec_. Make one: echo whsec_$(openssl rand -base64 32)" : null
            : line.Length < LeastCharacters ? $"it has fewer than {LeastCharacters} characters. Make one: openssl rand -base64 32" : null;
}
