using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>A range of an open file. It ends where it was promised to end: with an error before, never behind.</summary>
/// <param name="file">The file; disposed with the stream.</param>
/// <param name="path">Where it is, for errors.</param>
/// <param name="offset">Where the range begins.</param>
/// <param name="length">Bytes of the range; the file had them when it was opened.</param>
internal sealed class LocalBody(Descriptor file, StorePath path, long offset, long length) : Stream
{
    /// <summary>Dropped at a time: little enough that what is read meanwhile is not dropped for want of memory.</summary>
    private const long DropBytes = 8 << 20;

    /// <summary>The largest page size in use; dropping leaves out pages that it covers only in part.</summary>
    private const long PageBytes = 64 * 1024;

    private long _position;
    private long _droppedTo;

    /// <summary>What the file was when it was opened: the last byte is given only if it still is. Null does not look.</summary>
    public Statx? Opened { private get; init; }

    /// <summary>Whether pages are dropped from the page cache before they are read.</summary>
    public bool PastCache { private get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, length - _position);
        if (wanted == 0)
        {
            return 0;
        }

        if (PastCache && _position >= _droppedTo)
        {
            DropNext();
        }

        int read = LocalErrors.Check(Posix.Read(file, buffer[..wanted], offset + _position), "read", path);
        if (read == 0)
        {
            throw LocalErrors.Of(StoreErrorKind.Interrupted, path, $"shrank while it was read: {_position} of {length} bytes came");
        }

        _position += read;
        RequireUnchanged();
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        LocalCall.Run((this, buffer), static call => call.Item1.Read(call.buffer.Span), cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>All bytes belong to one version, or the reader learns that they do not.</summary>
    private void RequireUnchanged()
    {
        if (_position < length || Opened is not { } opened)
        {
            return;
        }

        LocalErrors.Check(Posix.Stat(file, out Statx now), "looked at", path);
        if (!now.IsSameContent(opened))
        {
            throw LocalErrors.Of(StoreErrorKind.PreconditionFailed, path, now.Length == opened.Length
                ? "was rewritten while it was read"
                : $"changed while it was read: {opened.Length} bytes became {now.Length}");
        }
    }

    private void DropNext()
    {
        _droppedTo = Math.Min(length, _position + DropBytes);
        long start = (offset + _position) / PageBytes * PageBytes;
        long end = (offset + _droppedTo + PageBytes - 1) / PageBytes * PageBytes;
        Posix.Advise(file, start, end - start, Advice.DontNeed);
    }
}
