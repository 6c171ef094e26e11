using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Godwit.Storage;

/// <summary>Adler-32 (RFC 1950): the sum of the bytes, and the sum of those sums after each byte, both modulo a prime.</summary>
internal sealed class RunningAdler32(Instructions instructions) : RunningChecksum(ChecksumKind.Adler32)
{
    private const uint Prime = 65521;

    // The most bytes of 255 after which the sum of sums still fits 32 bits, beginning from Prime - 1 in both.
    private const int BytesBetweenRemainders = 5552;

    // The most blocks of 255s for which 16 bits hold the sum of sums of a lane: 255 * (0 + 1 + ... + 22) = 64,515.
    private const int BlocksBetweenSums = 23;
    private const int BlockBytes = 16;

    private readonly bool _vectors = instructions == Instructions.Fastest && Vector128.IsHardwareAccelerated;
    private uint _sum = 1;
    private uint _sumOfSums;

    /// <summary>See <see cref="Checksum.Combine"/>. The second run began from a sum of 1 instead of the first run's sum.</summary>
    public static Checksum Combine(Checksum first, Checksum second, long secondLength)
    {
        uint one = BinaryPrimitives.ReadUInt32BigEndian(first.Value);
        uint two = BinaryPrimitives.ReadUInt32BigEndian(second.Value);
        ulong length = (ulong)secondLength % Prime;
        ulong sumBefore = (one & 0xffff) + Prime - 1;
        ulong sum = (sumBefore + (two & 0xffff)) % Prime;
        ulong sumOfSums = ((one >> 16) + (two >> 16) + (sumBefore * length)) % Prime;
        return Checksum.From(first.Kind, (uint)((sumOfSums << 16) | sum));
    }

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> some = bytes[..Math.Min(bytes.Length, BytesBetweenRemainders)];
            bytes = bytes[some.Length..];
            if (_vectors)
            {
                AddBlocks(ref some);
            }

            AddBytes(some);
            _sum %= Prime;
            _sumOfSums %= Prime;
        }
    }

    public override Checksum Finish() => Checksum.From(Kind, (_sumOfSums << 16) | _sum);

    private void AddBytes(ReadOnlySpan<byte> bytes)
    {
        uint sum = _sum, sumOfSums = _sumOfSums;
        foreach (byte value in bytes)
        {
            sum += value;
            sumOfSums += sum;
        }

        (_sum, _sumOfSums) = (sum, sumOfSums);
    }

    /// <summary>Takes whole blocks off the front. Each of the sixteen lanes sums alone, in 16 bits; the lanes are widened after so
    /// many blocks that none can overflow, and put together at the end.</summary>
    private void AddBlocks(ref ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector128<byte>> blocks = MemoryMarshal.Cast<byte, Vector128<byte>>(bytes);
        bytes = bytes[(blocks.Length * BlockBytes)..];
        _sumOfSums += _sum * (uint)(blocks.Length * BlockBytes);
        Vector128<uint> sums = default, sumsOfSums = default, weighted = default;
        while (!blocks.IsEmpty)
        {
            ReadOnlySpan<Vector128<byte>> some = blocks[..Math.Min(blocks.Length, BlocksBetweenSums)];
            blocks = blocks[some.Length..];
            Vector128<ushort> low = default, high = default, lowOfSums = default, highOfSums = default;
            foreach (Vector128<byte> block in some)
            {
                lowOfSums += low;
                highOfSums += high;
                low += Vector128.WidenLower(block);
                high += Vector128.WidenUpper(block);
            }

            sumsOfSums += (sums * (uint)some.Length) + Widen(lowOfSums) + Widen(highOfSums);
            sums += Widen(low) + Widen(high);
            weighted += Weigh(low, Vector128.Create(16u, 15, 14, 13), Vector128.Create(12u, 11, 10, 9))
                + Weigh(high, Vector128.Create(8u, 7, 6, 5), Vector128.Create(4u, 3, 2, 1));
        }

        // A byte counts once for itself and once for each byte after it: 16 in the first lane of its block, 1 in the last, and 16 more
        // for each block that follows, which is how often its lane's sum was added up.
        _sumOfSums += (BlockBytes * Vector128.Sum(sumsOfSums)) + Vector128.Sum(weighted);
        _sum += Vector128.Sum(sums);
    }

    private static Vector128<uint> Widen(Vector128<ushort> lanes) => Vector128.WidenLower(lanes) + Vector128.WidenUpper(lanes);

    private static Vector128<uint> Weigh(Vector128<ushort> lanes, Vector128<uint> lowWeights, Vector128<uint> highWeights) =>
        (Vector128.WidenLower(lanes) * lowWeights) + (Vector128.WidenUpper(lanes) * highWeights);
}
