using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Godwit.Storage;

/// <summary>An MD5 that grows with large pieces, each computed together with those of others.</summary>
internal sealed class RunningMd5() : RunningChecksum(ChecksumKind.Md5)
{
    private readonly uint[] _state = Md5Lanes.NoBytes.ToArray();
    private readonly byte[] _rest = new byte[Md5Lanes.BlockBytes];
    private int _resting;
    private ulong _length;

    /// <remarks>Correct and slow: a lane by itself.</remarks>
    public override void Append(ReadOnlySpan<byte> bytes)
    {
        var lanes = new Md5Lanes(1);
        lanes.SetState(0, _state);
        _length += (ulong)bytes.Length;
        for (int now; !bytes.IsEmpty; bytes = bytes[now..])
        {
            now = Keep(bytes);
            if (_resting == _rest.Length)
            {
                _rest.CopyTo(lanes.Stage(0));
                lanes.Compress(1);
                _resting = 0;
            }
        }

        lanes.GetState(0, _state);
    }

    internal override async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes)
    {
        _length += (ulong)bytes.Length;
        if (_resting > 0)
        {
            bytes = bytes[Keep(bytes.Span)..];
            if (_resting < _rest.Length)
            {
                return;
            }

            await Md5Together.AppendAsync(_state, _rest).ConfigureAwait(false);
            _resting = 0;
        }

        int whole = bytes.Length - (bytes.Length % Md5Lanes.BlockBytes);
        await Md5Together.AppendAsync(_state, bytes[..whole]).ConfigureAwait(false);
        Keep(bytes.Span[whole..]);
    }

    public override Checksum Finish()
    {
        // RFC 1321, 3.1 and 3.2: a one bit, zeros, and the length in bits at the end of a block.
        int blocks = _resting + 1 + sizeof(ulong) > Md5Lanes.BlockBytes ? 2 : 1;
        var lanes = new Md5Lanes(blocks);
        Span<byte> last = lanes.Stage(0);
        _rest.AsSpan(0, _resting).CopyTo(last);
        last[_resting] = 0x80;
        BinaryPrimitives.WriteUInt64LittleEndian(last[^sizeof(ulong)..], _length * 8);
        lanes.SetState(0, _state);
        lanes.Compress(blocks);
        Span<uint> state = stackalloc uint[Md5Lanes.StateWords];
        lanes.GetState(0, state);
        return new Checksum(ChecksumKind.Md5, MemoryMarshal.AsBytes(state));
    }

    /// <summary>Keeps as many of the bytes as complete a block, and says how many.</summary>
    private int Keep(ReadOnlySpan<byte> bytes)
    {
        int now = Math.Min(bytes.Length, _rest.Length - _resting);
        bytes[..now].CopyTo(_rest.AsSpan(_resting));
        _resting += now;
        return now;
    }
}
