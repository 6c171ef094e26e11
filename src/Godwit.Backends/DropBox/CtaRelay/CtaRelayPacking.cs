using System.Buffers;
using Godwit.Backends.DropBox.Zstd;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>Packs a file a part at a time, and holds it against what its metadata will say. The last part is there only when all bytes were right.</summary>
internal sealed class CtaRelayPacking : IDisposable
{
    /// <summary>Bytes of a packed part, unless the file is so large that these would be too many.</summary>
    public const int UsualPartBytes = 16 << 20;

    /// <summary>Bytes of a packed part at most: it is kept in memory.</summary>
    public const long MostPartBytes = 128 << 20;

    /// <summary>Content of a frame.</summary>
    private const int FrameBytes = 4 << 20;

    private readonly Stream _content;
    private readonly StorePath _path;
    private readonly long _length;
    private readonly Checksum _md5;
    private readonly long _partBytes;
    private readonly ZstdCompressor _compressor;
    private readonly RunningChecksum _checksum = RunningChecksum.Start(ChecksumKind.Md5);
    private readonly MemoryStream _part = new();
    private long _taken;
    private bool _hasFrame;

    /// <param name="content">The file's bytes; left open.</param>
    /// <param name="path">The file, for errors.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="md5">What they have to be.</param>
    /// <param name="level">How hard zstd tries.</param>
    /// <param name="limits">How a store takes parts; null where it takes none, so that all is one.</param>
    public CtaRelayPacking(Stream content, StorePath path, long length, Checksum md5, int level, PartLimits? limits)
    {
        (_content, _path, _length, _md5) = (content, path, length, md5);
        _compressor = ZstdCompressor.Create(level);

        // What zstd makes of anything is hardly more than it.
        long most = (length / 100 * 101) + FrameBytes;
        _partBytes = limits is null ? long.MaxValue
            : Math.Min(limits.MaxBytes, Math.Max(Math.Max(UsualPartBytes, limits.MinBytes), (most / Math.Max(1, limits.MaxParts - 1)) + 1));
    }

    /// <summary>The packed part that came last; until the next one.</summary>
    public ReadOnlyMemory<byte> Part => _part.GetBuffer().AsMemory(0, (int)_part.Length);

    /// <summary>Packs the next part.</summary>
    /// <returns>Whether it is the last one: then all bytes were right.</returns>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: the bytes are not those that were read before.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken ct)
    {
        _part.SetLength(0);
        int most = (int)Math.Clamp(_length, 1, FrameBytes);
        byte[] room = ArrayPool<byte>.Shared.Rent(most);
        byte[] frame = ArrayPool<byte>.Shared.Rent(ZstdCompressor.MostBytes(most));
        try
        {
            while (_part.Length < _partBytes && (_taken < _length || !_hasFrame))
            {
                await PackFrameAsync(room.AsMemory(0, most), frame, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
            ArrayPool<byte>.Shared.Return(frame);
        }

        if (_taken < _length)
        {
            return false;
        }

        await RequireSameAsync(ct).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressor.Dispose();
        _checksum.Dispose();
        _part.Dispose();
    }

    private async ValueTask PackFrameAsync(Memory<byte> room, byte[] frame, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Memory<byte> bytes = room[..(int)Math.Min(room.Length, _length - _taken)];
        int came = await _content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        _taken += came;
        if (came < bytes.Length)
        {
            throw DropBoxWriting.OtherLength(_path, _length, _taken);
        }

        _checksum.Append(bytes.Span);
        _part.Write(frame.AsSpan(0, _compressor.Frame(bytes.Span, frame)));
        _hasFrame = true;
    }

    private async ValueTask RequireSameAsync(CancellationToken ct)
    {
        if (await _content.ReadAsync(new byte[1], ct).ConfigureAwait(false) > 0)
        {
            throw DropBoxWriting.OtherLength(_path, _length, _length + 1);
        }

        if (_checksum.Finish() is var sum && sum != _md5)
        {
            throw new StoreException(StoreErrorKind.Integrity, $"\"{_path}\" was {_md5} when it was read for its metadata, and {sum} when it was sent.")
            {
                Path = _path,
            };
        }
    }
}
