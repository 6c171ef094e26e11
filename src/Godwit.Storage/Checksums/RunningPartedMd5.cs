namespace Godwit.Storage;

/// <summary>A <see cref="PartedChecksum"/> that grows with the bytes.</summary>
internal sealed class RunningPartedMd5 : IDisposable
{
    private readonly long _partSize;
    private readonly RunningHash _parts = new(ChecksumKind.Md5);
    private RunningHash _part = new(ChecksumKind.Md5);
    private long _left;

    public RunningPartedMd5(long partSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partSize, 1);
        (_partSize, _left) = (partSize, partSize);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            // A part ends only where another one begins: the last may be shorter, and there is none of no bytes.
            if (_left == 0)
            {
                BeginPart();
            }

            int now = (int)Math.Min(bytes.Length, _left);
            _part.Append(bytes[..now]);
            _left -= now;
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

    private void BeginPart()
    {
        _parts.Append(_part.Finish().Value);
        _part.Dispose();
        _part = new RunningHash(ChecksumKind.Md5);
        _left = _partSize;
    }
}
