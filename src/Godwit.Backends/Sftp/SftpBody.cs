using System.Buffers;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>
/// A range of an open file, asked for ahead of whoever reads it. It ends where it was promised to end: with an error before, never behind;
/// and where the file changed meanwhile, with an error instead of the last bytes.
/// </summary>
internal sealed class SftpBody : Stream
{
    private const int MostAhead = 64;

    private readonly SftpSession _session;
    private readonly byte[] _handle;
    private readonly StorePath _path;
    private readonly SftpAttributes? _opened;
    private readonly long _end;
    private readonly int _ahead;
    private readonly Action _closed;
    private readonly Queue<Block> _blocks = new();
    private Task<SftpAttributes>? _lastLook;
    private long _asked;
    private long _position;
    private bool _isClosed;

    /// <param name="session">The connection that the file is open on, with this body counted; counted off with the stream.</param>
    /// <param name="handle">The file; closed with the stream.</param>
    /// <param name="path">Where it is, for errors.</param>
    /// <param name="range">Where the range begins and ends; the file had these bytes when it was opened.</param>
    /// <param name="opened">What the file was when it was opened: the last byte is given only if it still is. Null does not look.</param>
    /// <param name="aheadBytes">Bytes asked for ahead at most, but for one block.</param>
    /// <param name="closed">Called once, when nothing more is asked for.</param>
    public SftpBody(
        SftpSession session, byte[] handle, StorePath path, (long Start, long End) range, SftpAttributes? opened, int aheadBytes, Action closed)
    {
        (_session, _handle, _path, _opened, _closed) = (session, handle, path, opened, closed);
        (_position, _asked, _end) = (range.Start, range.Start, range.End);
        _ahead = Math.Clamp(aheadBytes / session.ReadBytes, 1, MostAhead);
        AskAhead();
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_position >= _end || buffer.IsEmpty)
        {
            return 0;
        }

        Block block = _blocks.Peek();
        await (block.Filling ??= FillAsync(block)).WaitAsync(cancellationToken).ConfigureAwait(false);
        int count = Math.Min(buffer.Length, block.Length - block.Used);
        if (_position + count == _end)
        {
            await RequireUnchangedAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        block.Bytes.AsSpan(block.Used, count).CopyTo(buffer.Span);
        block.Used += count;
        _position += count;
        if (block.Used == block.Length)
        {
            ArrayPool<byte>.Shared.Return(_blocks.Dequeue().Bytes);
            AskAhead();
        }

        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isClosed)
        {
            _isClosed = true;
            _session.CountStream(-1);
            _session.Close(_handle);
            _closed();
        }

        base.Dispose(disposing);
    }

    private void AskAhead()
    {
        while (_blocks.Count < _ahead && _asked < _end)
        {
            int count = (int)Math.Min(_session.ReadBytes, _end - _asked);
            byte[] bytes = ArrayPool<byte>.Shared.Rent(count);
            _blocks.Enqueue(new Block(_asked, bytes, count, AskAsync(_asked, bytes.AsMemory(0, count))));
            _asked += count;
        }

        if (_asked >= _end && _opened is not null && _session.AnswersInTurn)
        {
            _lastLook ??= _session.LookAtHandleAsync(_handle, _path);
        }
    }

    private Task<Reply> AskAsync(long offset, Memory<byte> destination) => _session.SendAsync(
        new PacketBuilder(PacketType.Read).String(_handle).UInt64((ulong)offset).UInt32((uint)destination.Length), destination: destination);

    /// <summary>Waits for a block; what a server leaves out of an answer is asked for again.</summary>
    private async Task FillAsync(Block block)
    {
        Reply reply = await block.Answer.ConfigureAwait(false);
        int filled = 0;
        while (true)
        {
            if (reply.Type != PacketType.Data || reply.Count == 0)
            {
                throw reply.Status == StatusCode.EndOfFile || reply.Type == PacketType.Data
                    ? SftpErrors.Of(StoreErrorKind.Interrupted, _path, $"shrank while it was read: it ended at {block.Offset + filled} before {_end}")
                    : SftpErrors.Translate(reply, "read", _path);
            }

            filled += reply.Count;
            if (filled == block.Length)
            {
                return;
            }

            _lastLook = null;
            reply = await AskAsync(block.Offset + filled, block.Bytes.AsMemory(filled, block.Length - filled)).ConfigureAwait(false);
        }
    }

    /// <summary>All bytes belong to one version, or the reader learns that they do not.</summary>
    private async Task RequireUnchangedAsync()
    {
        if (_opened is not { } opened)
        {
            return;
        }

        SftpAttributes now = await (_lastLook ?? _session.LookAtHandleAsync(_handle, _path)).ConfigureAwait(false);
        if (!SftpEntries.IsSameContent(now, opened))
        {
            throw SftpErrors.Of(StoreErrorKind.PreconditionFailed, _path, now.Length == opened.Length
                ? "was rewritten while it was read"
                : $"changed while it was read: {opened.Length} bytes became {now.Length}");
        }
    }

    private sealed class Block(long offset, byte[] bytes, int length, Task<Reply> answer)
    {
        public long Offset { get; } = offset;

        /// <summary>Rented; not given back while an answer may still be written to it.</summary>
        public byte[] Bytes { get; } = bytes;

        public int Length { get; } = length;

        public Task<Reply> Answer { get; } = answer;

        public Task? Filling { get; set; }

        public int Used { get; set; }
    }
}
