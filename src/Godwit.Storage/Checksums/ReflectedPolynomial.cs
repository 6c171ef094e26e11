using System.Buffers.Binary;

namespace Godwit.Storage;

/// <summary>
/// Arithmetic with the remainders of a CRC: polynomials over one bit, modulo the CRC's own. A CRC here is reflected, begins with all
/// ones and ends inverted, which is what makes <see cref="Combine"/> right.
/// </summary>
/// <remarks>A remainder is 64 bits, whatever the CRC's width: the top bit is the coefficient of 1, the next of x, and so on, and the
/// bits below the width are zero. So one piece of code serves 32 and 64 bits.</remarks>
internal sealed class ReflectedPolynomial
{
    private const ulong One = 1UL << 63;

    private readonly int _width;
    private readonly ulong _polynomial;

    private ReflectedPolynomial(int width, ulong polynomial)
    {
        _width = width;
        _polynomial = polynomial << (64 - width);
    }

    /// <summary>Castagnoli's polynomial (RFC 3720), 0x1EDC6F41 with its bits reversed.</summary>
    public static ReflectedPolynomial Crc32C { get; } = new(32, 0x82f63b78);

    /// <summary>The polynomial of the NVM Express Command Set Specification, 0xAD93D23594C93659 with its bits reversed.</summary>
    public static ReflectedPolynomial Crc64Nvme { get; } = new(64, 0x9a6c9329ac4bc9b5);

    /// <summary>A remainder times x, so many times.</summary>
    public ulong TimesX(ulong value, int times)
    {
        ulong highest = 1UL << (64 - _width);
        for (int i = 0; i < times; i++)
        {
            value = (value & highest) != 0 ? ((value ^ highest) >> 1) ^ _polynomial : value >> 1;
        }

        return value;
    }

    /// <summary>The remainder of x to a power.</summary>
    public ulong PowerOfX(ulong exponent) => Power(TimesX(One, 1), exponent);

    /// <summary>See <see cref="Checksum.Combine"/>: the first checksum moved past the second's bytes, plus the second.</summary>
    public Checksum Combine(Checksum first, Checksum second, long secondLength)
    {
        // x^8 to the length, not x to 8 times the length: that would not fit 64 bits for the longest lengths.
        ulong shift = Power(PowerOfX(8), (ulong)secondLength);
        ulong combined = Multiply(Read(first), shift) ^ Read(second);
        return _width == 32
            ? Checksum.From(first.Kind, (uint)(combined >> 32))
            : Checksum.From(first.Kind, combined);
    }

    private ulong Power(ulong value, ulong exponent)
    {
        ulong result = One;
        for (; exponent != 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
            {
                result = Multiply(result, value);
            }

            value = Multiply(value, value);
        }

        return result;
    }

    private ulong Multiply(ulong left, ulong right)
    {
        ulong product = 0;
        for (; left != 0; left <<= 1)
        {
            if ((left & One) != 0)
            {
                product ^= right;
            }

            right = TimesX(right, 1);
        }

        return product;
    }

    private ulong Read(Checksum checksum) => _width == 32
        ? (ulong)BinaryPrimitives.ReadUInt32BigEndian(checksum.Value) << 32
        : BinaryPrimitives.ReadUInt64BigEndian(checksum.Value);
}
