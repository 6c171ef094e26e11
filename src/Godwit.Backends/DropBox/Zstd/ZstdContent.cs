using System.Diagnostics.CodeAnalysis;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.Zstd;

/// <summary>The content of zstd frames that follow each other. It ends with an error, never early and quietly, where the last frame is not
/// whole.</summary>
/// <param name="frames">The frames; disposed with the content.</param>
internal sealed class ZstdContent(Stream frames) : ThroughStream(frames)
{
    [SuppressMessage("Usage", "CA2213", Justification = "Closed disposes it, which the analyzer does not see.")]
    private readonly ZstdDecompressor _decompressor = ZstdDecompressor.Create();
    private readonly byte[] _room = new byte[64 * 1024];
    private int _from;
    private int _to;
    private bool _mayHoldBack;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (!buffer.IsEmpty)
        {
            // A library that is asked for nothing too often takes it for a fault.
            if (_from == _to && !_mayHoldBack && !await RefillAsync(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }

            (int taken, int given) = _decompressor.Next(_room.AsSpan(_from.._to), buffer.Span);
            _from += taken;
            _mayHoldBack = given == buffer.Length;
            if (given > 0)
            {
                return given;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    protected override void Closed() => _decompressor.Dispose();

    private async ValueTask<bool> RefillAsync(CancellationToken ct)
    {
        _from = 0;
        _to = 0;
        _to = await Inner.ReadAsync(_room, ct).ConfigureAwait(false);
        if (_to == 0 && !_decompressor.IsBetweenFrames)
        {
            throw new StoreException(StoreErrorKind.Integrity, "The compressed bytes end in the middle of a frame.");
        }

        return _to > 0;
    }
}
