using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Godwit.Cli.Configuration.Rclone;

/// <summary>
/// rclone's obscured passwords: base64 for URLs without padding, of 16 bytes that begin a counter, and of the password under AES-256 in
/// counter mode. The key is the same everywhere and published: it hides a password from a glance, and from nobody else.
/// </summary>
internal static class Obscured
{
    private static readonly byte[] s_key = Convert.FromHexString("9c935b48730a554d6bfd7c63c886a92bd390198eb8128afbf4de162b8b95f638");

    /// <summary>The password.</summary>
    /// <exception cref="FormatException">The text was not made by <c>rclone obscure</c>. The message does not hold it.</exception>
    public static string Reveal(string text)
    {
        byte[] bytes = Decode(text);
        byte[] counter = bytes[..16];
        Span<byte> hidden = bytes.AsSpan(16);
        using var aes = Aes.Create();
        aes.Key = s_key;
        for (int at = 0; at < hidden.Length; at += 16)
        {
            byte[] stream = aes.EncryptEcb(counter, PaddingMode.None);
            for (int i = 0; i < Math.Min(16, hidden.Length - at); i++)
            {
                hidden[at + i] ^= stream[i];
            }

            Increment(counter);
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(hidden);
        }
        catch (DecoderFallbackException)
        {
            throw Wrong();
        }
    }

    private static byte[] Decode(string text)
    {
        try
        {
            byte[] bytes = Base64Url.DecodeFromChars(text);
            return bytes.Length >= 16 ? bytes : throw Wrong();
        }
        catch (FormatException)
        {
            throw Wrong();
        }
    }

    private static void Increment(byte[] counter)
    {
        for (int i = counter.Length - 1; i >= 0 && ++counter[i] == 0; i--)
        {
        }
    }

    private static FormatException Wrong() => new("it is not what rclone obscure writes");
}
