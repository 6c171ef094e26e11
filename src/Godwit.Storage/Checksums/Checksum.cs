using System.Buffers.Binary;

namespace Godwit.Storage;

/// <summary>A kind of checksum.</summary>
public enum ChecksumKind
{
    /// <summary>MD5 (RFC 1321), 16 bytes.</summary>
    Md5 = 1,

    /// <summary>SHA-256 (FIPS 180-4), 32 bytes.</summary>
    Sha256,

    /// <summary>Adler-32 (RFC 1950), 4 bytes, most significant first.</summary>
    Adler32,

    /// <summary>CRC-32C (Castagnoli, RFC 3720), 4 bytes, most significant first.</summary>
    Crc32C,

    /// <summary>CRC-64/NVME, 8 bytes, most significant first.</summary>
    Crc64Nvme,

    /// <summary>SHA-1 (FIPS 180-4), 20 bytes; for lists that others made.</summary>
    Sha1,

    /// <summary>SHA-512 (FIPS 180-4), 64 bytes.</summary>
    Sha512,
}

/// <summary>A checksum: its kind and its bytes, most significant first.</summary>
public readonly struct Checksum : IEquatable<Checksum>
{
    private readonly byte[]? _value;

    /// <summary>A checksum from its bytes.</summary>
    /// <exception cref="ArgumentException">Not as many bytes as the kind has.</exception>
    public Checksum(ChecksumKind kind, ReadOnlySpan<byte> value)
    {
        if (value.Length != SizeOf(kind))
        {
            throw new ArgumentException($"{kind} has {SizeOf(kind)} bytes, not {value.Length}.", nameof(value));
        }

        Kind = kind;
        _value = value.ToArray();
    }

    /// <summary>Its kind.</summary>
    public ChecksumKind Kind { get; }

    /// <summary>Its bytes, most significant first.</summary>
    public ReadOnlySpan<byte> Value => _value;

    /// <summary>Its bytes in lower-case hexadecimal, leading zeros kept.</summary>
    public string Hex => Convert.ToHexStringLower(Value);

    /// <summary>How many bytes a kind has.</summary>
    public static int SizeOf(ChecksumKind kind) => kind switch
    {
        ChecksumKind.Md5 => 16,
        ChecksumKind.Sha256 => 32,
        ChecksumKind.Adler32 or ChecksumKind.Crc32C => 4,
        ChecksumKind.Crc64Nvme => 8,
        ChecksumKind.Sha1 => 20,
        ChecksumKind.Sha512 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a checksum kind"),
    };

    /// <summary>The name used on command lines and in reports: <c>md5 sha256 adler32 crc32c crc64nvme sha1 sha512</c>.</summary>
    public static string NameOf(ChecksumKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Whether <see cref="Combine"/> works for a kind. True for Adler-32 and the CRCs, false for cryptographic hashes.</summary>
    public static bool CanCombine(ChecksumKind kind) =>
        kind is ChecksumKind.Adler32 or ChecksumKind.Crc32C or ChecksumKind.Crc64Nvme;

    /// <summary>The checksum of two runs of bytes that follow each other, from the checksums of both: parts that were summed apart,
    /// in any order and on several threads, give the checksum of the whole file.</summary>
    /// <param name="first">The checksum of the bytes that come first; may itself be a combination.</param>
    /// <param name="second">The checksum of the bytes that follow.</param>
    /// <param name="secondLength">How many bytes follow; 0 or more. The length of the first run does not matter.</param>
    /// <remarks>Takes microseconds, whatever the lengths. A wrong length gives a wrong checksum, not an error.</remarks>
    /// <exception cref="ArgumentException">The kinds differ, or <see cref="CanCombine"/> is false for them.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static Checksum Combine(Checksum first, Checksum second, long secondLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondLength);
        if (first.Kind != second.Kind)
        {
            throw new ArgumentException($"{first} and {second} are of different kinds.", nameof(second));
        }

        return first.Kind switch
        {
            ChecksumKind.Adler32 => RunningAdler32.Combine(first, second, secondLength),
            ChecksumKind.Crc32C => ReflectedPolynomial.Crc32C.Combine(first, second, secondLength),
            ChecksumKind.Crc64Nvme => ReflectedPolynomial.Crc64Nvme.Combine(first, second, secondLength),
            _ => throw new ArgumentException($"Two checksums of kind {first.Kind} cannot be combined.", nameof(first)),
        };
    }

    /// <summary>A checksum of 4 bytes from its number.</summary>
    internal static Checksum From(ChecksumKind kind, uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new Checksum(kind, bytes);
    }

    /// <summary>A checksum of 8 bytes from its number.</summary>
    internal static Checksum From(ChecksumKind kind, ulong number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return new Checksum(kind, bytes);
    }

    /// <summary>A checksum from hexadecimal digits. Missing leading zeros are filled in: some servers drop them.</summary>
    /// <returns>False when the text has other characters, none, or too many.</returns>
    public static bool TryParse(ChecksumKind kind, string hex, out Checksum checksum)
    {
        checksum = default;
        int digits = SizeOf(kind) * 2;
        if (string.IsNullOrEmpty(hex) || hex.Length > digits || !hex.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        checksum = new Checksum(kind, Convert.FromHexString(hex.PadLeft(digits, '0')));
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Checksum other) => Kind == other.Kind && Value.SequenceEqual(other.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Checksum other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Kind);
        hash.AddBytes(Value);
        return hash.ToHashCode();
    }

    /// <summary>Kind and digits, such as <c>adler32:00620062</c>.</summary>
    public override string ToString() => $"{NameOf(Kind)}:{Hex}";

    /// <summary>Whether kind and bytes are the same.</summary>
    public static bool operator ==(Checksum left, Checksum right) => left.Equals(right);

    /// <summary>Whether kind or bytes differ.</summary>
    public static bool operator !=(Checksum left, Checksum right) => !left.Equals(right);
}
