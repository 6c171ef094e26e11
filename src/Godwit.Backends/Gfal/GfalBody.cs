using Godwit.Backends.Gfal.Native;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>The bytes of a file or a range. While one piece is given out, the next is under way.</summary>
internal sealed class GfalBody : Stream
{
    private readonly GfalPieces _file;
    private readonly Facts? _opened;
    private readonly Action _closed;
    private readonly Memory<byte>[] _rooms;
    private readonly long _end;
    private Task<GfalReply>? _under;
    private Task<GfalReply>? _atEnd;
    private Task<GfalReply>? _look;
    private Task<int>? _waiting;
    private long _position;
    private long _asked;
    private int _turn;
    private int _filled;
    private int _used;
    private bool _isClosed;

    /// <param name="file">The open file.</param>
    /// <param name="range">Its bytes.</param>
    /// <param name="opened">What the file must still be at the end; null does not look.</param>
    /// <param name="piece">Bytes of a piece at most.</param>
    /// <param name="closed">Called once, when nothing more is asked for.</param>
    public GfalBody(GfalPieces file, (long Start, long End) range, Facts? opened, int piece, Action closed)
    {
        (_file, _opened, _closed) = (file, opened, closed);
        (_position, _asked, _end) = (range.Start, range.Start, range.End);
        int room = (int)Math.Min(piece, _end - _position);
        _rooms = room == _end - _position ? [file.Rooms(1, room)[0], default] : file.Rooms(2, room);
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

        if (_used == _filled)
        {
            Take(await (_waiting ??= _file.CountAsync(_under!)).WaitAsync(cancellationToken).ConfigureAwait(false));
        }

        int count = Math.Min(buffer.Length, _filled - _used);
        if (_position + count == _end)
        {
            await RequireUnchangedAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        _rooms[1 - _turn].Slice(_used, count).CopyTo(buffer);
        _used += count;
        _position += count;
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
            bool isIdle = _under?.IsCompleted != false && _atEnd?.IsCompleted != false && _look?.IsCompleted != false;
            _file.Close(isIdle, isAtEnd: _asked >= _end);
            _closed();
        }

        base.Dispose(disposing);
    }

    /// <summary>A piece has come: it is given out from its room while the other one is filled.</summary>
    private void Take(int count)
    {
        long wanted = Math.Min(_rooms[_turn].Length, _end - _position);
        if (count != wanted)
        {
            throw GfalErrors.Of(StoreErrorKind.Interrupted, _file.Path, $"shrank while it was read: it ended at {_position + count} before {_end}");
        }

        (_waiting, _under, _used, _filled) = (null, null, 0, count);
        _turn = 1 - _turn;
        AskAhead();
    }

    private void AskAhead()
    {
        int count = (int)Math.Min(_rooms[_turn].Length, _end - _asked);
        if (count > 0)
        {
            _under = _file.Ask(_rooms[_turn][..count]);
            _asked += count;
        }

        if (_asked < _end)
        {
            return;
        }

        if (_file.IsOneTransfer)
        {
            // Only who reads its end lets a transfer come to it.
            _atEnd ??= _file.Ask(new byte[1]);
        }

        if (_opened is not null)
        {
            _look ??= _file.AskLook();
        }
    }

    /// <summary>All bytes belong to one version, or the reader learns that they do not.</summary>
    private async Task RequireUnchangedAsync()
    {
        if (_atEnd is not null && await _file.CountAsync(_atEnd).ConfigureAwait(false) > 0)
        {
            throw GfalErrors.Of(StoreErrorKind.PreconditionFailed, _file.Path, $"grew while it was read: it went on behind its {_end} bytes");
        }

        if (_opened is not { } opened || _look is null)
        {
            return;
        }

        Facts? now = await _file.FactsAsync(_look).ConfigureAwait(false);
        if (now is not { } facts || !GfalEntries.IsSameContent(facts, opened))
        {
            throw GfalErrors.Of(StoreErrorKind.PreconditionFailed, _file.Path, now is null ? "was removed while it was read"
                : now.Value.Length == opened.Length ? "was rewritten while it was read"
                : $"changed while it was read: {opened.Length} bytes became {now.Value.Length}");
        }
    }
}
