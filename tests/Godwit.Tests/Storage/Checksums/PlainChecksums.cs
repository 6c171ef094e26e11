using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Tests.Storage.Checksums;

/// <summary>Every checksum as its definition says it, bit by bit and slow: what the fast code is held against.</summary>
internal static class PlainChecksums
{
    public static Checksum Of(ChecksumKind kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        ChecksumKind.Md5 => new Checksum(kind, CryptographicOperations.HashData(HashAlgorithmName.MD5, bytes)),
        ChecksumKind.Sha256 => new Checksum(kind, CryptographicOperations.HashData(HashAlgorithmName.SHA256, bytes)),
        ChecksumKind.Sha1 => new Checksum(kind, CryptographicOperations.HashData(HashAlgorithmName.SHA1, bytes)),
        ChecksumKind.Sha512 => new Checksum(kind, CryptographicOperations.HashData(HashAlgorithmName.SHA512, bytes)),
        ChecksumKind.Adler32 => Parse(kind, Adler32(bytes).ToString("x8")),
        ChecksumKind.Crc32C => Parse(kind, Crc(bytes, 0x82f63b78, 32).ToString("x8")),
        _ => Parse(kind, Crc(bytes, 0x9a6c9329ac4bc9b5, 64).ToString("x16")),
    };

    public static Checksum Parse(ChecksumKind kind, string hex)
    {
        Assert.True(Checksum.TryParse(kind, hex, out Checksum checksum), hex);
        return checksum;
    }

    private static ulong Crc(ReadOnlySpan<byte> bytes, ulong polynomial, int width)
    {
        ulong ones = ulong.MaxValue >> (64 - width);
        ulong state = ones;
        foreach (byte value in bytes)
        {
            state ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                state = (state & 1) != 0 ? (state >> 1) ^ polynomial : state >> 1;
            }
        }

        return state ^ ones;
    }

    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        uint sum = 1, sumOfSums = 0;
        foreach (byte value in bytes)
        {
            sum = (sum + value) % 65521;
            sumOfSums = (sumOfSums + sum) % 65521;
        }

        return (sumOfSums << 16) | sum;
    }
}
