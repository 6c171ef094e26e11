using System.Buffers.Binary;
using System.Text;

namespace Godwit.Backends.Sftp.Wire;

/// <summary>Builds one request: a length, a type, a number, then its fields. Length and number are filled in when it is sent.</summary>
internal sealed class PacketBuilder
{
    /// <summary>Where the number stands.</summary>
    public const int NumberAt = 5;

    private byte[] _bytes;
    private int _length;

    public PacketBuilder(PacketType type, int room = 128)
    {
        _bytes = new byte[room];
        _bytes[4] = (byte)type;
        _length = NumberAt + sizeof(uint);
    }

    /// <summary>An extended request.</summary>
    public static PacketBuilder Extended(string name) => new PacketBuilder(PacketType.Extended).String(Encoding.ASCII.GetBytes(name));

    public PacketBuilder UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Take(sizeof(uint)), value);
        return this;
    }

    public PacketBuilder UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Take(sizeof(ulong)), value);
        return this;
    }

    public PacketBuilder String(ReadOnlySpan<byte> value)
    {
        UInt32((uint)value.Length);
        value.CopyTo(Take(value.Length));
        return this;
    }

    /// <summary>Attributes to set; what is null is left alone. Times are set both or none.</summary>
    public PacketBuilder Attributes(int? mode = null, (uint Accessed, uint Modified)? times = null)
    {
        UInt32((mode is null ? 0 : SftpAttributes.HasMode) | (times is null ? 0 : SftpAttributes.HasTimes));
        if (mode is { } bits)
        {
            UInt32((uint)bits);
        }

        return times is { } both ? UInt32(both.Accessed).UInt32(both.Modified) : this;
    }

    /// <summary>The finished head of a request.</summary>
    /// <param name="number">The number that the answer will carry.</param>
    /// <param name="tail">Bytes that follow it as content.</param>
    public ReadOnlyMemory<byte> Finish(uint number, int tail)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_bytes, (uint)(_length - sizeof(uint) + tail));
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(NumberAt), number);
        return _bytes.AsMemory(0, _length);
    }

    private Span<byte> Take(int count)
    {
        if (_length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_length + count, 2 * _bytes.Length));
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
