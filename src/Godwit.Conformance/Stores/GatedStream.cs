namespace Godwit.Conformance.Stores;

/// <summary>Bytes that come a few at a time, with a call-out before each read. It cannot seek, as a connection cannot.</summary>
/// <param name="bytes">What it gives.</param>
/// <param name="before">Gets the number of bytes already given, and the token of the read.</param>
/// <param name="mostAtOnce">Bytes of one read at most.</param>
/// <param name="looks">Whether a read ends when its token is cancelled, or gives its bytes all the same.</param>
internal sealed class GatedStream(
    byte[] bytes, Func<long, CancellationToken, ValueTask> before, int mostAtOnce, bool looks = true) : Stream
{
    private int _given;

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
        CancellationToken seen = looks ? cancellationToken : CancellationToken.None;
        seen.ThrowIfCancellationRequested();
        await before(_given, cancellationToken).ConfigureAwait(false);
        seen.ThrowIfCancellationRequested();
        int count = Math.Min(Math.Min(buffer.Length, mostAtOnce), bytes.Length - _given);
        bytes.AsMemory(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A store reads its source asynchronously: it may wait on a network.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
