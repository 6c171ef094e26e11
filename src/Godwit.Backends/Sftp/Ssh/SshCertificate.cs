using System.Buffers.Binary;
using System.Text;

namespace Godwit.Backends.Sftp.Ssh;

/// <summary>Until when a certificate of OpenSSH is valid.</summary>
public static class SshCertificate
{
    private const int MostBytes = 1 << 20;
    private const string Suffix = "-cert-v01@openssh.com";

    // What stands between the nonce and the serial number: the parts of the public key.
    private static readonly Dictionary<string, int> s_parts = new()
    {
        ["ssh-ed25519"] = 1,
        ["ssh-rsa"] = 2,
        ["rsa-sha2-256"] = 2,
        ["rsa-sha2-512"] = 2,
        ["ecdsa-sha2-nistp256"] = 2,
        ["ecdsa-sha2-nistp384"] = 2,
        ["ecdsa-sha2-nistp521"] = 2,
        ["sk-ecdsa-sha2-nistp256"] = 3,
        ["sk-ssh-ed25519"] = 2,
        ["ssh-dss"] = 4,
    };

    /// <summary>The file with the certificate that ssh takes along with a private key.</summary>
    public static string FileOf(string keyFile) => keyFile + "-cert.pub";

    /// <summary>The end; null where there is none: the file is not there, cannot be read or holds no certificate, or it is valid for ever.</summary>
    /// <param name="file">One line: the type, the certificate in base64, and a comment.</param>
    public static DateTimeOffset? EndOf(string file)
    {
        try
        {
            var found = new FileInfo(file);
            return found.Exists && found.Length is > 0 and <= MostBytes && File.ReadAllText(file).Split(' ', '\n') is [_, var certificate, ..]
                ? EndOf(Convert.FromBase64String(certificate.Trim()))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static DateTimeOffset? EndOf(ReadOnlySpan<byte> rest)
    {
        string type = Encoding.ASCII.GetString(Next(ref rest)).Replace(Suffix, "", StringComparison.Ordinal);

        if (!s_parts.TryGetValue(type, out int parts))
        {
            return null;
        }

        // The nonce, then the key.
        for (int part = 0; part <= parts; part++)
        {
            Next(ref rest);
        }

        // The serial number and the kind; then the key's name and whom it stands for; then from when.
        rest = rest[(sizeof(ulong) + sizeof(uint))..];
        Next(ref rest);
        Next(ref rest);
        ulong end = BinaryPrimitives.ReadUInt64BigEndian(rest[sizeof(ulong)..]);
        return end > (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? null : DateTimeOffset.FromUnixTimeSeconds((long)end);
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        int length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(rest), int.MaxValue - sizeof(uint));
        ReadOnlySpan<byte> next = rest.Slice(sizeof(uint), length);
        rest = rest[(sizeof(uint) + length)..];
        return next;
    }
}
