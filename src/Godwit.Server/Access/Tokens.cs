using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Godwit.Storage;
using Godwit.Transfers.Record.Access;

namespace Godwit.Server.Access;

/// <summary>Tokens as they are handed out: <c>gwt_</c>, the id of 12 letters, <c>_</c>, and 256 random bits in base64url.</summary>
public static class Tokens
{
    private const string Prefix = "gwt_";
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";
    private const int IdLetters = 12;
    private const int SecretBytes = 32;
    private const int Page = 500;

    /// <summary>A new token, which is in no ledger yet.</summary>
    /// <param name="subject">Who it stands for.</param>
    /// <param name="project">For which project; empty for none.</param>
    /// <param name="roles">What it may do.</param>
    /// <param name="made">The moment.</param>
    /// <param name="expires">Until when it counts; null for ever.</param>
    /// <returns>What its owner sends, which nobody can find out again, and what the ledger keeps.</returns>
    public static (string Text, Token Token) New(string subject, string project, TokenRoles roles, Timestamp made, Timestamp? expires = null)
    {
        string id = RandomNumberGenerator.GetString(Letters, IdLetters);
        string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return ($"{Prefix}{id}_{secret}", new Token(id, HashOf(secret), subject, project, roles, made) { Expires = expires });
    }

    /// <summary>The token of a text, where it is one that counts; null otherwise, for whatever reason.</summary>
    public static async ValueTask<Token?> CheckAsync(ITokens tokens, string text, Timestamp now, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length <= Prefix.Length + IdLetters || text[Prefix.Length + IdLetters] != '_')
        {
            return null;
        }

        Token? known = await tokens.FindAsync(text.Substring(Prefix.Length, IdLetters), ct).ConfigureAwait(false);
        byte[] sent = Encoding.ASCII.GetBytes(HashOf(text[(Prefix.Length + IdLetters + 1)..]));
        byte[] kept = Encoding.ASCII.GetBytes(known?.Hash ?? HashOf(""));
        bool isIt = CryptographicOperations.FixedTimeEquals(sent, kept);
        return isIt && known is not null && Counts(known, now) ? known : null;
    }

    /// <summary>Whether anybody may make tokens.</summary>
    public static async ValueTask<bool> HasAdministratorAsync(ITokens tokens, Timestamp now, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        IReadOnlyList<Token> page = [];
        do
        {
            page = await tokens.ListAsync(page.Count == 0 ? null : page[^1].Id, Page, ct).ConfigureAwait(false);
            if (page.Any(token => token.Roles.HasFlag(TokenRoles.Administrator) && Counts(token, now)))
            {
                return true;
            }
        }
        while (page.Count == Page);
        return false;
    }

    private static bool Counts(Token token, Timestamp now) => token.Revoked is null && !(token.Expires <= now);

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
