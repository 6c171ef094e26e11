using System.Security.Cryptography;

namespace Godwit.Transfers.Move;

/// <summary>The mark of an upload: unique among all uploads of all runs, and not to be guessed.</summary>
internal static class UploadTag
{
    /// <summary>A new one: 13 letters and digits, 65 random bits.</summary>
    public static string New() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 13);
}
