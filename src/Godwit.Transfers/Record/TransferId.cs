using System.Security.Cryptography;

namespace Godwit.Transfers.Record;

/// <summary>Names of transfers: 26 letters and digits, sortable by the time of creation (ULID, in lower case). The alphabet leaves out
/// i, l, o and u, so that an id can be read aloud.</summary>
public static class TransferId
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Letters = 26;

    /// <summary>A new id: 48 bits of milliseconds since 1970, then 80 random bits.</summary>
    public static string New(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return Of(time.GetUtcNow(), RandomNumberGenerator.GetBytes(10));
    }

    /// <summary>The id of a moment and ten bytes.</summary>
    internal static string Of(DateTimeOffset moment, ReadOnlySpan<byte> random)
    {
        var value = (UInt128)(ulong)moment.ToUnixTimeMilliseconds();
        foreach (byte next in random)
        {
            value = (value << 8) | next;
        }

        return string.Create(Letters, value, static (letters, rest) =>
        {
            for (int at = Letters - 1; at >= 0; at--)
            {
                letters[at] = Alphabet[(int)(rest & 31)];
                rest >>= 5;
            }
        });
    }
}
