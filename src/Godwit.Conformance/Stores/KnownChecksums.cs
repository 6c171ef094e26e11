using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Checksums computed by the framework, not by Godwit: the kit must not share a mistake with what it checks.</summary>
internal static class KnownChecksums
{
    /// <summary>The checksum of the bytes; null for a kind that the framework does not compute.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "Stores compute MD5; it tells transmission errors, it guards nothing.")]
    public static Checksum? Of(ChecksumKind kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        ChecksumKind.Md5 => new Checksum(kind, MD5.HashData(bytes)),
        ChecksumKind.Sha256 => new Checksum(kind, SHA256.HashData(bytes)),
        ChecksumKind.Sha512 => new Checksum(kind, SHA512.HashData(bytes)),
        ChecksumKind.Adler32 => Adler32Of(bytes),
        _ => null,
    };

    private static Checksum Adler32Of(ReadOnlySpan<byte> bytes)
    {
        uint low = 1;
        uint high = 0;
        foreach (byte b in bytes)
        {
            low = (low + b) % 65_521;
            high = (high + low) % 65_521;
        }

        return new Checksum(ChecksumKind.Adler32, [(byte)(high >> 8), (byte)high, (byte)(low >> 8), (byte)low]);
    }
}
