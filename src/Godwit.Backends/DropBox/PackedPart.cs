using System.Buffers;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>What a part's bytes became, in memory of the shared pool.</summary>
internal sealed class PackedPart
{
    private byte[] _room = [];
    private int _length;

    /// <summary>What is stored.</summary>
    public ReadOnlyMemory<byte> Payload => _room.AsMemory(0, _length);

    /// <summary>Whether it is the bytes themselves.</summary>
    public bool IsPlain { get; set; }

    /// <summary>The CRC-64/NVME of the part's bytes.</summary>
    public Checksum Checksum { get; set; }

    /// <summary>Makes room, so that bytes seldom move when more come.</summary>
    /// <param name="bytes">Bytes of the payload, as foreseen.</param>
    public void Reserve(int bytes)
    {
        if (bytes <= _room.Length)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(bytes);
        Payload.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_room);
        _room = larger;
    }

    /// <summary>Adds bytes to the payload.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_room.Length - _length < bytes.Length)
        {
            Reserve(Math.Max(_room.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_room.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Gives the memory back, after the payload was stored. After an error it is not given back: a call that was given up may still read it,
    /// and must not find another part's bytes there.</summary>
    public void Release()
    {
        byte[] taken = _room;
        (_room, _length) = ([], 0);
        ArrayPool<byte>.Shared.Return(taken);
    }
}
