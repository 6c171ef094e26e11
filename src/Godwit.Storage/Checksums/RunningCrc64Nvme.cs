using System.Buffers.Binary;

namespace Godwit.Storage;

/// <summary>CRC-64/NVME.</summary>
internal sealed class RunningCrc64Nvme(Instructions instructions) : RunningChecksum(ChecksumKind.Crc64Nvme)
{
    private static readonly CarrylessFold Fold = new(ReflectedPolynomial.Crc64Nvme);
    private static readonly ulong[] Table = MakeTable();
    private readonly bool _folds = instructions == Instructions.Fastest && CarrylessFold.IsSupported;
    private ulong _state = ulong.MaxValue;

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        if (_folds && bytes.Length >= CarrylessFold.MinBytes)
        {
            (ulong low, ulong high) = Fold.Reduce(_state, ref bytes);
            _state = EightBytes(EightBytes(low) ^ high);
        }

        _state = AppendScalar(_state, bytes);
    }

    public override Checksum Finish() => Checksum.From(Kind, ~_state);

    private static ulong AppendScalar(ulong state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            state = EightBytes(state ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            state = (state >> 8) ^ Table[(byte)state ^ value];
        }

        return state;
    }

    /// <summary>The state after eight bytes that are already added to it: eight look-ups that do not wait for one another.</summary>
    private static ulong EightBytes(ulong state)
    {
        ReadOnlySpan<ulong> table = Table.AsSpan(0, 8 * 256);
        return table[(7 * 256) + (byte)state]
            ^ table[(6 * 256) + (byte)(state >> 8)]
            ^ table[(5 * 256) + (byte)(state >> 16)]
            ^ table[(4 * 256) + (byte)(state >> 24)]
            ^ table[(3 * 256) + (byte)(state >> 32)]
            ^ table[(2 * 256) + (byte)(state >> 40)]
            ^ table[256 + (byte)(state >> 48)]
            ^ table[(byte)(state >> 56)];
    }

    /// <summary>Row r, column b: what the byte b becomes once it and r zero bytes after it went through.</summary>
    private static ulong[] MakeTable()
    {
        ulong[] table = new ulong[8 * 256];
        for (int value = 0; value < 256; value++)
        {
            table[value] = ReflectedPolynomial.Crc64Nvme.TimesX((ulong)value, 8);
        }

        for (int i = 256; i < table.Length; i++)
        {
            table[i] = (table[i - 256] >> 8) ^ table[(byte)table[i - 256]];
        }

        return table;
    }
}
