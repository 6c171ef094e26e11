using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>The parts of a file as one stream. A part that is not there is an error that names it.</summary>
/// <param name="inner">The store that they are in.</param>
/// <param name="file">The file.</param>
internal sealed class CtaIngestContent(IStore inner, CtaIngestFile file) : Stream
{
    private Stream? _part;
    private int _opened;
    private long _taken;

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

    /// <summary>How far it was read, for errors.</summary>
    public string Place => $"The last part that was read is \"{file.Parts[Math.Max(0, _opened - 1)]}\". "
        + "If that comes again, take the file's entries out of upload.json and disassemble.json: the next push packs it anew.";

    /// <summary>Opens the first part: what is not there at all is told before any byte.</summary>
    public async ValueTask OpenAsync(CancellationToken ct) => _part ??= await OpenNextAsync(ct).ConfigureAwait(false);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty && (_part is not null || _opened < file.Parts.Count))
        {
            _part ??= await OpenNextAsync(cancellationToken).ConfigureAwait(false);
            int read = await _part.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read > 0)
            {
                _taken += read;
                return read;
            }

            await _part.DisposeAsync().ConfigureAwait(false);
            _part = null;
        }

        // No bytes at all would unpack to an empty file.
        return _taken > 0 || buffer.IsEmpty ? 0 : throw CtaIngestBox.Damage(file.Path, "its parts are empty");
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
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
        if (_part is not null)
        {
            await _part.DisposeAsync().ConfigureAwait(false);
            _part = null;
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _part?.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<Stream> OpenNextAsync(CancellationToken ct)
    {
        StorePath part = file.Parts[_opened];
        try
        {
            StoreBody body = await inner.OpenReadAsync(part, ct).ConfigureAwait(false);
            _opened++;
            return body.Content;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            throw CtaIngestBox.Damage(file.Path, $"its part \"{part}\" is not there");
        }
    }
}
