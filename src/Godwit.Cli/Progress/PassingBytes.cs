using Godwit.Storage;

namespace Godwit.Cli.Progress;

/// <summary>
/// Tells a meter of the bytes of files while they pass, for a store whose calls take long: one on the far end of a network, or one within a limit.
/// Bytes of a body, or of a write, that has to be taken from its beginning again are taken back.
/// </summary>
/// <param name="meter">Hears of them.</param>
/// <param name="side">Which side the store is on: the source's bodies count, and what the destination takes. What is read from the destination
/// again for a proof is no progress.</param>
internal sealed class PassingBytes(TransferMeter meter, StoreSide side) : IStoreLayer
{
    /// <inheritdoc/>
    public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct) => next(ct);

    /// <inheritdoc/>
    public Stream AroundBody(StoreCall call, Stream body) =>
        side == StoreSide.Source ? new Counted(bytes => meter.OnPassing(side, call.Path, bytes), body) : body;

    /// <inheritdoc/>
    public WriteSource AroundSource(StoreCall call, WriteSource source)
    {
        if (side == StoreSide.Source)
        {
            return source;
        }

        Counted? last = null;
        return source.Through(stream =>
        {
            last?.TakeBack();
            return last = new Counted(bytes => meter.OnPassing(side, call.Path, bytes), stream);
        });
    }

    private sealed class Counted(Action<long> tell, Stream inner) : ThroughStream(inner)
    {
        private long _told;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                int count = await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                _told += count;
                tell(count);
                return count;
            }
            catch
            {
                TakeBack();
                throw;
            }
        }

        /// <summary>Whoever asked for these bytes has to ask for them again.</summary>
        public void TakeBack() => tell(-Interlocked.Exchange(ref _told, 0));
    }
}
