using System.Diagnostics.CodeAnalysis;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>The bytes of a file out of what it is packed in. The last one is given only when all were found to be those that the box tells of.</summary>
/// <param name="content">What it unpacks to; disposed with this.</param>
/// <param name="path">The file.</param>
/// <param name="what">What it is packed in, as the beginning of a sentence.</param>
/// <param name="length">Bytes of the file.</param>
/// <param name="md5">The MD5 that its metadata tell; null where nothing but the frame's own checksum proves the bytes.</param>
/// <param name="where">How far it was read, as a sentence of its own; null where it is in one place.</param>
internal sealed class UnpackedBody(Stream content, StorePath path, string what, long length, Checksum? md5, Func<string>? where = null) : ThroughStream(content)
{
    [SuppressMessage("Usage", "CA2213", Justification = "Closed disposes it, which the analyzer does not see.")]
    private readonly RunningChecksum? _checksum = md5 is null ? null : RunningChecksum.Start(ChecksumKind.Md5);
    private long _position;
    private bool _isProved;
    private bool _isBroken;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (buffer.IsEmpty || (_isProved && _position == length))
        {
            return 0;
        }

        if (_isBroken)
        {
            throw new StoreException(StoreErrorKind.Interrupted, $"Reading \"{path}\" broke off; it has to be opened anew.") { Path = path };
        }

        // Bytes that were taken and not given to anybody cannot be had again.
        _isBroken = true;
        try
        {
            int read = await NextAsync(buffer, cancellationToken).ConfigureAwait(false);
            _isBroken = false;
            return read;
        }
        catch (StoreException e) when (e is { Kind: StoreErrorKind.Integrity, Path: null })
        {
            throw new StoreException(e.Kind, $"{what} cannot be unpacked: {e.Message}{(where is null ? "" : " " + where())}", e) { Path = path, Next = e.Next };
        }
        catch (StoreException e)
        {
            e.Path ??= path;
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Closed() => _checksum?.Dispose();

    private async ValueTask<int> NextAsync(Memory<byte> buffer, CancellationToken ct)
    {
        int wanted = (int)Math.Min(buffer.Length, length - _position);
        int read = wanted == 0 ? 0 : await Inner.ReadAsync(buffer[..wanted], ct).ConfigureAwait(false);
        if (read == 0 && wanted > 0)
        {
            throw Wrong($"unpacks to {_position} bytes instead of {length}");
        }

        _checksum?.Append(buffer.Span[..read]);
        _position += read;
        if (_position == length)
        {
            await RequireProvedAsync(ct).ConfigureAwait(false);
        }

        return read;
    }

    private async ValueTask RequireProvedAsync(CancellationToken ct)
    {
        if (await Inner.ReadAsync(new byte[1], ct).ConfigureAwait(false) > 0)
        {
            throw Wrong($"unpacks to more than {length} bytes");
        }

        if (_checksum?.Finish() is { } sum && sum != md5)
        {
            throw Wrong($"unpacks to {sum} and its metadata say {md5}");
        }

        _isProved = true;
    }

    private StoreException Wrong(string how) => new(StoreErrorKind.Integrity, $"{what} {how}.") { Path = path };
}
