using Amazon.Runtime.Internal.Util;
using Amazon.S3.Model;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>The bytes of an answer: as many as the server announced, or an error.</summary>
internal sealed class S3DownloadBody(GetObjectResponse response, S3Errors errors, StorePath path) : Stream
{
    // The library would compute the MD5 of what it can, and throw what it finds when the body is closed. Whoever reads compares by himself.
    private readonly Stream _body = response.ResponseStream is HashStream hashing ? hashing.GetNonWrapperBaseStream() : response.ResponseStream;
    private long _left = response.ContentLength;

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
        int count;
        try
        {
            count = await _body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception fault) when (fault is not StoreException)
        {
            throw errors.OfBody(fault, path);
        }

        _left -= count;
        return count > 0 || buffer.IsEmpty || _left == 0
            ? count
            : throw new StoreException(StoreErrorKind.Interrupted, $"The body of \"{path}\" ended {_left} bytes early.") { Path = path };
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body.Dispose();
            response.ResponseStream = null;
            response.Dispose();
        }

        base.Dispose(disposing);
    }
}
