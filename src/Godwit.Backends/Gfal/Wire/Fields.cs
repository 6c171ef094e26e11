using System.Buffers.Binary;
using System.Text;
using Godwit.Backends.Gfal.Native;

namespace Godwit.Backends.Gfal.Wire;

/// <summary>Reads the fields of a frame in turn.</summary>
/// <param name="rest">What stands behind the head.</param>
internal ref struct Fields(ReadOnlySpan<byte> rest)
{
    private ReadOnlySpan<byte> _rest = rest;

    /// <summary>Whether nothing is left.</summary>
    public readonly bool AreRead => _rest.IsEmpty;

    /// <summary>What is left, as it is.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public ReadOnlySpan<byte> Bytes() => Take(Int32());

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>An address as native code wants it: with a NUL behind it.</summary>
    public byte[] Address() => [.. Bytes(), 0];

    public Facts Facts() => new((uint)Int32(), Int64(), Int64());

    public GfalFault Fault()
    {
        string domain = Text();
        int code = Int32();
        return new GfalFault(domain, code, Text());
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
