namespace Godwit.Storage;

/// <summary>A <see cref="PartedChecksum"/> that grows with the bytes.</summary>
internal sealed class RunningPartedMd5 : IDisposable
{
    private readonly long _partSize;
    private readonly bool _inLargePieces;
    private readonly RunningHash _parts = new(ChecksumKind.Md5);
    private RunningChecksum _part;
    private long _left;

    public RunningPartedMd5(long partSize, bool inLargePieces)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partSize, 1);
        (_partSize, _left, _inLargePieces) = (partSize, partSize, inLargePieces);
        _part = RunningChecksum.Start(ChecksumKind.Md5, inLargePieces);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int now = Next(bytes.Length);
            _part.Append(bytes[..now]);
            bytes = bytes[now..];
        }
    }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int now = Next(bytes.Length);
            await _part.AppendAsync(bytes[..now]).ConfigureAwait(false);
            bytes = bytes[now..];
        }
    }

    /// <summary>The checksum of all bytes; nothing may follow.</summary>
    public PartedChecksum Finish()
    {
        _parts.Append(_part.Finish().Value);
        return new PartedChecksum(_parts.Finish(), _partSize);
    }

    public void Dispose()
    {
        _parts.Dispose();
        _part.Dispose();
    }

    /// <summary>How many of the bytes belong to the part under way.</summary>
    private int Next(int bytes)
    {
        // A part ends only where another one begins: the last may be shorter, and there is none of no bytes.
        if (_left == 0)
        {
            _parts.Append(_part.Finish().Value);
            _part.Dispose();
            _part = RunningChecksum.Start(ChecksumKind.Md5, _inLargePieces);
            _left = _partSize;
        }

        int now = (int)Math.Min(bytes, _left);
        _left -= now;
        return now;
    }
}
