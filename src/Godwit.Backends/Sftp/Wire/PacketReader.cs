using System.Buffers.Binary;

namespace Godwit.Backends.Sftp.Wire;

/// <summary>Reads the fields of an answer. What a server sends is not trusted: a field that reaches over the end is an error.</summary>
internal ref struct PacketReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether anything is left.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong)));

    public ReadOnlySpan<byte> String() => Take(UInt32());

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (count > _rest.Length)
        {
            throw new InvalidDataException("an answer ends within a field");
        }

        ReadOnlySpan<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
