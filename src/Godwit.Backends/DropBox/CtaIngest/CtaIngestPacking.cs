using Godwit.Backends.DropBox.Zstd;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>
/// Packs a file into one frame, a piece of it at a time, and unpacks it again in the same pass: the last piece is there only when what it unpacks to has
/// the checksum of what was read. One frame, because the other program publishes whatever unpacks: of one frame no beginning does.
/// </summary>
internal sealed class CtaIngestPacking : IDisposable
{
    private const int BlockBytes = 1 << 20;

    /// <summary>Smaller files are not worth threads of their own.</summary>
    private const long WorthThreads = 64 << 20;
    private const int MostThreads = 4;

    private readonly Stream _content;
    private readonly StorePath _path;
    private readonly long _length;
    private readonly long _pieceBytes;
    private readonly ZstdCompressor _compressor;
    private readonly ZstdDecompressor _decompressor = ZstdDecompressor.Create();
    private readonly RunningChecksum _read = RunningChecksum.Start(ChecksumKind.Crc64Nvme);
    private readonly RunningChecksum _unpacked = RunningChecksum.Start(ChecksumKind.Crc64Nvme);
    private readonly MemoryStream _piece = new();
    private readonly byte[] _block;
    private readonly byte[] _packed = new byte[256 << 10];
    private readonly byte[] _proof = new byte[256 << 10];
    private ReadOnlyMemory<byte> _rest;
    private long _taken;
    private long _proved;
    private bool _ended;

    /// <param name="content">The file's bytes; left open.</param>
    /// <param name="path">The file, for errors.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="level">How hard zstd tries.</param>
    /// <param name="pieceBytes">Bytes of a piece, but for the last.</param>
    public CtaIngestPacking(Stream content, StorePath path, long length, int level, long pieceBytes)
    {
        (_content, _path, _length, _pieceBytes) = (content, path, length, pieceBytes);
        _block = new byte[(int)Math.Clamp(length, 1, BlockBytes)];
        _compressor = ZstdCompressor.Create(level);
        _compressor.Begin(length, length < WorthThreads ? 0 : Math.Min(MostThreads, Environment.ProcessorCount));
    }

    /// <summary>The piece that came last; until the next one.</summary>
    public ReadOnlyMemory<byte> Piece => _piece.GetBuffer().AsMemory(0, (int)_piece.Length);

    /// <summary>The checksum of the file, once the last piece is there.</summary>
    public Checksum Sum { get; private set; }

    /// <summary>Packs the next piece.</summary>
    /// <returns>Whether it is the last one: then the frame was seen to unpack to the file.</returns>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: another length came than was promised, or the frame does not unpack to
    /// what was read.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken ct)
    {
        _piece.SetLength(0);
        while (!_ended && _piece.Length < _pieceBytes)
        {
            if (_rest.IsEmpty && _taken < _length)
            {
                await ReadAsync(ct).ConfigureAwait(false);
            }

            PackOnce();
        }

        if (_ended)
        {
            await RequireProvedAsync(ct).ConfigureAwait(false);
        }

        return _ended;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressor.Dispose();
        _decompressor.Dispose();
        _read.Dispose();
        _unpacked.Dispose();
        _piece.Dispose();
    }

    private async ValueTask ReadAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Memory<byte> block = _block.AsMemory(0, (int)Math.Min(_block.Length, _length - _taken));
        int came = await _content.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        _taken += came;
        if (came < block.Length)
        {
            throw DropBoxWriting.OtherLength(_path, _length, _taken);
        }

        _read.Append(block.Span);
        _rest = block;
    }

    private void PackOnce()
    {
        // A piece ends where it is full, so that all but the last one have the same length.
        Span<byte> room = _packed.AsSpan(0, (int)Math.Min(_packed.Length, _pieceBytes - _piece.Length));
        (int taken, int given, _ended) = _compressor.Next(_rest.Span, room, _taken == _length);
        _rest = _rest[taken..];
        _piece.Write(room[..given]);
        Unpack(room[..given]);
    }

    private void Unpack(ReadOnlySpan<byte> packed)
    {
        int given = 0;
        while (!packed.IsEmpty || given == _proof.Length)
        {
            (int taken, given) = _decompressor.Next(packed, _proof);
            packed = packed[taken..];
            _unpacked.Append(_proof.AsSpan(0, given));
            _proved += given;
        }
    }

    private async ValueTask RequireProvedAsync(CancellationToken ct)
    {
        if (await _content.ReadAsync(new byte[1], ct).ConfigureAwait(false) > 0)
        {
            throw DropBoxWriting.OtherLength(_path, _length, _length + 1);
        }

        Sum = _read.Finish();
        if (!_decompressor.IsBetweenFrames || _proved != _length || _unpacked.Finish() != Sum)
        {
            throw new StoreException(StoreErrorKind.Integrity, $"What \"{_path}\" was packed into does not unpack to what was read.") { Path = _path };
        }
    }
}
