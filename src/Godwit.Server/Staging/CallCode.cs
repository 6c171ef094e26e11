using System.Security.Cryptography;
using System.Text;

namespace Godwit.Server.Staging;

/// <summary>What the ledger keeps of a code, and ids that nobody guesses.</summary>
internal static class CallCode
{
    /// <summary>The hash of a code: SHA-256, hexadecimal.</summary>
    public static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    /// <summary>A new id of a call-out.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
