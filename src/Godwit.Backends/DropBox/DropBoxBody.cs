using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>A range of one version of a file. The last byte that is wanted of a part is given only when the whole part was found right.</summary>
/// <param name="objects">The box.</param>
/// <param name="record">The version.</param>
/// <param name="from">Where the range begins.</param>
/// <param name="to">Where it ends; not behind the file.</param>
internal sealed class DropBoxBody(DropBoxObjects objects, DropBoxRecord record, long from, long to) : Stream
{
    private long _position = from;
    private int _next;
    private bool _isBroken;
    private DropBoxPartReading? _part;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_position >= to || buffer.IsEmpty)
        {
            return 0;
        }

        if (_isBroken)
        {
            throw new StoreException(StoreErrorKind.Interrupted, $"Reading \"{record.Path}\" broke off; it has to be opened anew.")
            {
                Path = record.Path,
            };
        }

        // Bytes that were taken from a part and not given to anybody cannot be had again.
        _isBroken = true;
        int read = await NextAsync(buffer, cancellationToken).ConfigureAwait(false);
        _isBroken = false;
        return read;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Reads and holds the thread meanwhile: for libraries that know no other way.</summary>
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await LeaveAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            LeaveAsync().AsTask().GetAwaiter().GetResult();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> NextAsync(Memory<byte> buffer, CancellationToken ct)
    {
        _part ??= await OpenAsync(ct).ConfigureAwait(false);
        await _part.SkipToAsync(_position - _part.Part.Offset, ct).ConfigureAwait(false);
        long end = Math.Min(to, _part.Part.Offset + _part.Part.Length);
        int wanted = (int)Math.Min(buffer.Length, end - _position);
        int read = await _part.ReadAsync(buffer[..wanted], ct).ConfigureAwait(false);
        if (_position + read == end)
        {
            await _part.RequireWholeAsync(ct).ConfigureAwait(false);
            await LeaveAsync().ConfigureAwait(false);
        }

        _position += read;
        return read;
    }

    private async ValueTask<DropBoxPartReading> OpenAsync(CancellationToken ct)
    {
        while (record.Parts[_next].Offset + record.Parts[_next].Length <= _position)
        {
            _next++;
        }

        try
        {
            return await DropBoxPartReading.OpenAsync(objects.Inner, record, record.Parts[_next], ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            bool isStillThere = await objects.FindAsync(record.Path, ct).ConfigureAwait(false) is { } now && now.Id == record.Id;
            throw isStillThere && !await objects.IsDeliveredAsync(record, ct).ConfigureAwait(false)
                ? new StoreException(StoreErrorKind.Integrity, $"Bytes of \"{record.Path}\" are missing in the drop box.", e) { Path = record.Path }
                : new StoreException(StoreErrorKind.PreconditionFailed, $"\"{record.Path}\" was replaced or delivered while it was read.", e)
                {
                    Path = record.Path,
                };
        }
    }

    private ValueTask LeaveAsync()
    {
        DropBoxPartReading? part = _part;
        _part = null;
        return part?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
