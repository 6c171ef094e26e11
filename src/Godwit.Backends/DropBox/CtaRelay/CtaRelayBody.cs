using System.Diagnostics.CodeAnalysis;
using Godwit.Backends.DropBox.Zstd;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>The bytes of a file out of its object. The last one is given only when all were found to be those that its metadata tell.</summary>
/// <param name="content">What the object unpacks to; disposed with this.</param>
/// <param name="file">The file.</param>
internal sealed class CtaRelayBody(Stream content, CtaRelayFile file) : ThroughStream(content)
{
    [SuppressMessage("Usage", "CA2213", Justification = "Closed disposes it, which the analyzer does not see.")]
    private readonly RunningChecksum _checksum = RunningChecksum.Start(ChecksumKind.Md5);
    private long _position;
    private bool _isProved;
    private bool _isBroken;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <summary>Opens the very object that was looked at.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.PreconditionFailed"/>: another one is there now.</exception>
    public static async ValueTask<CtaRelayBody> OpenAsync(IStore inner, CtaRelayFile file, CancellationToken ct)
    {
        Stream body = inner.RangedRead is { } ranged
            ? await ranged.OpenRangeAsync(file.Path, file.Object.Version, 0, file.Object.Length, ct).ConfigureAwait(false)
            : (await inner.OpenReadAsync(file.Path, ct).ConfigureAwait(false)).Content;
        try
        {
            return new CtaRelayBody(new ZstdContent(body), file);
        }
        catch
        {
            await body.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (buffer.IsEmpty || (_isProved && _position == file.Length))
        {
            return 0;
        }

        if (_isBroken)
        {
            throw new StoreException(StoreErrorKind.Interrupted, $"Reading \"{file.Path}\" broke off; it has to be opened anew.") { Path = file.Path };
        }

        // Bytes that were taken and not given to anybody cannot be had again.
        _isBroken = true;
        try
        {
            int read = await NextAsync(buffer, cancellationToken).ConfigureAwait(false);
            _isBroken = false;
            return read;
        }
        catch (StoreException e)
        {
            e.Path ??= file.Path;
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Closed() => _checksum.Dispose();

    private async ValueTask<int> NextAsync(Memory<byte> buffer, CancellationToken ct)
    {
        int wanted = (int)Math.Min(buffer.Length, file.Length - _position);
        int read = wanted == 0 ? 0 : await Inner.ReadAsync(buffer[..wanted], ct).ConfigureAwait(false);
        if (read == 0 && wanted > 0)
        {
            throw Wrong($"unpacks to {_position} bytes instead of {file.Length}");
        }

        _checksum.Append(buffer.Span[..read]);
        _position += read;
        if (_position == file.Length)
        {
            await RequireProvedAsync(ct).ConfigureAwait(false);
        }

        return read;
    }

    private async ValueTask RequireProvedAsync(CancellationToken ct)
    {
        if (await Inner.ReadAsync(new byte[1], ct).ConfigureAwait(false) > 0)
        {
            throw Wrong($"unpacks to more than {file.Length} bytes");
        }

        if (_checksum.Finish() is var sum && sum != file.Md5)
        {
            throw Wrong($"unpacks to {sum} and its metadata say {file.Md5}");
        }

        _isProved = true;
    }

    private StoreException Wrong(string how) => new(StoreErrorKind.Integrity, $"The object \"{file.Path}\" {how}.") { Path = file.Path };
}
