namespace Godwit.Cli.Results;

/// <summary>Writes to a pipe that nobody need ever read: the runtime writes in a call that no token ends. A stop ends the wait for it, and what is left
/// unwritten then stays so.</summary>
/// <param name="pipe">The pipe.</param>
/// <param name="ct">A stop.</param>
internal sealed class StoppableOutput(Stream pipe, CancellationToken ct) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ct.ThrowIfCancellationRequested();
        byte[] own = buffer.ToArray();
        Task.Run(
            () =>
            {
                pipe.Write(own);
                pipe.Flush();
            },
            CancellationToken.None).WaitAsync(ct).GetAwaiter().GetResult();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // A write that is left behind has the pipe until this process ends.
        if (disposing && !ct.IsCancellationRequested)
        {
            pipe.Dispose();
        }

        base.Dispose(disposing);
    }
}
