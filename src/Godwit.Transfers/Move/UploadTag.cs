using System.Buffers;
using System.Security.Cryptography;

namespace Godwit.Transfers.Move;

/// <summary>The mark of an upload: unique among all uploads of all runs, and not to be guessed.</summary>
internal static class UploadTag
{
    /// <summary>Letters of each.</summary>
    public const int Length = 13;

    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";

    private static readonly SearchValues<char> s_letters = SearchValues.Create(Letters);

    /// <summary>A new one: 13 letters and digits, 65 random bits.</summary>
    public static string New() => RandomNumberGenerator.GetString(Letters, Length);

    /// <summary>Whether a text could be one.</summary>
    public static bool IsOne(string text) => text.Length == Length && !text.AsSpan().ContainsAnyExcept(s_letters);
}
