using System.Buffers.Binary;
using System.Numerics;

namespace Godwit.Storage;

/// <summary>CRC-32C.</summary>
internal sealed class RunningCrc32C(Instructions instructions) : RunningChecksum(ChecksumKind.Crc32C)
{
    private static readonly CarrylessFold Fold = new(ReflectedPolynomial.Crc32C);
    private readonly bool _folds = instructions == Instructions.Fastest && CarrylessFold.IsSupported;
    private uint _state = uint.MaxValue;

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        if (_folds && bytes.Length >= CarrylessFold.MinBytes)
        {
            (ulong low, ulong high) = Fold.Reduce(_state, ref bytes);
            _state = BitOperations.Crc32C(BitOperations.Crc32C(0u, low), high);
        }

        _state = AppendScalar(_state, bytes);
    }

    public override Checksum Finish() => Checksum.From(Kind, ~_state);

    private static uint AppendScalar(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return state;
    }
}
