namespace Godwit.Storage;

/// <summary>
/// So many bytes a second over everything that it stands around: one object may stand around many stores, in both directions. The
/// limit may change at any moment, also for streams that are under way.
/// </summary>
/// <param name="bytesPerSecond">The limit; null for none.</param>
/// <param name="time">The clock.</param>
public sealed class LimitBandwidth(long? bytesPerSecond, TimeProvider time) : IStoreLayer
{
    private readonly TokenBucket _bucket = new(bytesPerSecond, time);

    /// <summary>Bytes a second, above zero; null for no limit.</summary>
    public long? BytesPerSecond
    {
        get => _bucket.Rate;
        set => _bucket.Rate = value;
    }

    /// <inheritdoc/>
    public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(next);
        return next(ct);
    }

    /// <inheritdoc/>
    public Stream AroundBody(StoreCall call, Stream body) => new Throttled(_bucket, body);

    /// <inheritdoc/>
    public WriteSource AroundSource(StoreCall call, WriteSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.Through(stream => new Throttled(_bucket, stream));
    }

    private sealed class Throttled(TokenBucket bucket, Stream inner) : ThroughStream(inner)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // Paid before the read: a cancelled wait must not swallow bytes that the next read would miss.
            int paid = await bucket.TakeAsync(buffer.Length, cancellationToken).ConfigureAwait(false);
            int count = 0;
            try
            {
                count = await Inner.ReadAsync(buffer[..paid], cancellationToken).ConfigureAwait(false);
                return count;
            }
            finally
            {
                bucket.GiveBack(paid - count);
            }
        }
    }
}
