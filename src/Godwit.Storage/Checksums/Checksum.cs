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
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a checksum kind"),
    };

    /// <summary>The name used on command lines and in reports: <c>md5 sha256 adler32 crc32c crc64nvme</c>.</summary>
    public static string NameOf(ChecksumKind kind) => kind.ToString().ToLowerInvariant();

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
