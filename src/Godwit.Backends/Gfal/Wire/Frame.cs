using System.Buffers.Binary;
using System.Text;

namespace Godwit.Backends.Gfal.Wire;

/// <summary>
/// Builds what goes over a worker's pipes, in both directions: a head of 12 bytes (length of the rest, lane, verb or answer, three zeros), then
/// fields. Numbers are little-endian; bytes and texts have their length before them. A version of the protocol is not needed: both ends are one program.
/// </summary>
internal sealed class Frame
{
    /// <summary>Bytes of the head.</summary>
    public const int HeadBytes = 12;

    /// <summary>Bytes behind the head at most; what says more is no frame.</summary>
    public const int MostBytes = 64 << 20;

    private byte[] _bytes;
    private int _length = HeadBytes;

    public Frame(Verb verb, int room = 256)
        : this((byte)verb, room)
    {
    }

    public Frame(Answer answer, int room = 256)
        : this((byte)answer, room)
    {
    }

    private Frame(byte kind, int room)
    {
        _bytes = new byte[HeadBytes + room];
        _bytes[8] = kind;
    }

    /// <summary>Whether a file is opened to be written.</summary>
    public bool IsForWriting { get; init; }

    /// <summary>Whether it may change something on the server.</summary>
    public bool ChangesSomething => IsForWriting || (Verb)_bytes[8] is Verb.Write or Verb.WriteShared or Verb.Unlink or Verb.RemoveDirectory or Verb.MakeDirectories
        or Verb.Rename or Verb.Copy;

    /// <summary>Whether servers do it among themselves: giving that up harms no session of this process.</summary>
    public bool IsBetweenServers => (Verb)_bytes[8] == Verb.Copy;

    public Frame Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), value);
        return this;
    }

    public Frame Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), value);
        return this;
    }

    public Frame Bytes(ReadOnlySpan<byte> value)
    {
        Int32(value.Length);
        value.CopyTo(Take(value.Length));
        return this;
    }

    public Frame Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    /// <summary>The finished frame.</summary>
    /// <param name="lane">Whose it is.</param>
    /// <param name="tail">Bytes that follow it as content, sent by the caller.</param>
    public ReadOnlyMemory<byte> Finish(int lane, int tail = 0)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes, _length - HeadBytes + tail);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(4), lane);
        return _bytes.AsMemory(0, _length);
    }

    private Span<byte> Take(int count)
    {
        if (_length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}

/// <summary>The head of a frame.</summary>
/// <param name="Length">Bytes that follow.</param>
/// <param name="Lane">Whose it is.</param>
/// <param name="Kind">The <see cref="Verb"/> or <see cref="Answer"/>.</param>
internal readonly record struct FrameHead(int Length, int Lane, byte Kind)
{
    /// <summary>Reads a head.</summary>
    /// <exception cref="InvalidDataException">Such a length has no frame.</exception>
    public static FrameHead Of(ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length is >= 0 and <= Frame.MostBytes
            ? new FrameHead(length, BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), bytes[8])
            : throw new InvalidDataException($"a frame of {length} bytes was announced");
    }
}
