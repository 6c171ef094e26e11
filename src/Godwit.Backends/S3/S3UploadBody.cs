using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>
/// The bytes of one request, exactly as many as were promised. That too many or too few come is known before the last of them is sent,
/// so that the server never has a whole body to keep.
/// </summary>
/// <param name="inner">Where the bytes come from.</param>
/// <param name="length">How many were promised.</param>
/// <param name="payloadDigest">What the server holds the body against: the SHA-256 in hexadecimal, or that there is none.</param>
/// <param name="path">The path, for the error.</param>
/// <param name="ct">The caller's token: the library looks at its own only between requests.</param>
internal sealed class S3UploadBody(Stream inner, long length, string payloadDigest, StorePath path, CancellationToken ct) : Stream
{
    /// <summary>Says that the body is not digested.</summary>
    public const string NoDigest = "UNSIGNED-PAYLOAD";

    private long _given;

    /// <summary>What the server holds the body against.</summary>
    public string PayloadDigest { get; } = payloadDigest;

    /// <summary>Why the bytes ended early; null while all is well.</summary>
    public Exception? Fault { get; private set; }

    public override bool CanRead => true;

    // The library insists on it; it never goes back, because it never repeats a request here.
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _given;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <summary>Makes sure of a body without bytes: nobody would ever read it.</summary>
    public async ValueTask RequireEmptyAsync() => await RequireEndAsync().ConfigureAwait(false);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_given == length || buffer.IsEmpty)
        {
            return 0;
        }

        try
        {
            ct.ThrowIfCancellationRequested();
            int most = (int)Math.Min(buffer.Length, length - _given);
            int count = await inner.ReadAsync(buffer[..most], ct).ConfigureAwait(false);
            _given += count;
            ct.ThrowIfCancellationRequested();
            if (count == 0)
            {
                throw Wrong($"only {_given} came");
            }

            if (_given == length)
            {
                await RequireEndAsync().ConfigureAwait(false);
            }

            return count;
        }
        catch (Exception fault)
        {
            Fault = fault;
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _given + offset,
            _ => length + offset,
        };
        return target == _given ? _given : throw new NotSupportedException("A body is read once, from its first byte.");
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask RequireEndAsync()
    {
        if (await inner.ReadAsync(new byte[1], ct).ConfigureAwait(false) > 0)
        {
            throw Wrong("more came");
        }
    }

    private StoreException Wrong(string what) =>
        new(StoreErrorKind.Integrity, $"{length} bytes were promised for \"{path}\" and {what}.") { Path = path };
}
