using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;

namespace Godwit.Server.Metrics;

/// <summary>The tokens that metrics were read with. They count on for that while the ledger, where tokens are, does not answer: that it does not is what
/// somebody has to hear then.</summary>
internal sealed class KnownScrapers
{
    private const int Most = 16;

    private readonly ConcurrentDictionary<string, Token> _known = new(StringComparer.Ordinal);

    /// <summary>Checks a token.</summary>
    /// <param name="text">The token.</param>
    /// <param name="now">The time.</param>
    /// <param name="checkAsync">Asks the ledger.</param>
    /// <exception cref="LedgerException">The ledger does not answer, and nobody has read metrics with this token.</exception>
    public async ValueTask<Token?> CheckAsync(string text, Timestamp now, Func<ValueTask<Token?>> checkAsync)
    {
        string key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        try
        {
            Token? token = await checkAsync().ConfigureAwait(false);
            Remember(key, token);
            return token;
        }
        catch (LedgerException) when (_known.TryGetValue(key, out Token? known))
        {
            return known.Expires <= now ? null : known;
        }
    }

    private void Remember(string key, Token? token)
    {
        if (token is null)
        {
            _known.TryRemove(key, out _);
        }
        else if (_known.Count < Most)
        {
            _known[key] = token;
        }
    }
}
