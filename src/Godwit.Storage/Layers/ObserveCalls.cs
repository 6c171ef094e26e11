namespace Godwit.Storage;

/// <summary>Hears of every call that ended. Placed inside the retries it hears of every attempt, outside of every call.</summary>
/// <remarks>Called on the thread of the call, from many at once: be quick, and do not throw.</remarks>
public interface IStoreObserver
{
    /// <summary>A call ended.</summary>
    void CallEnded(StoreCallEnd end);

    /// <summary>The body that a read gave was disposed.</summary>
    void BodyEnded(StoreCallEnd end);
}

/// <summary>How a call, or the body that it gave, ended.</summary>
/// <param name="Call">Which call.</param>
/// <param name="Duration">How long the call took; for a body, from its opening until it was disposed.</param>
/// <param name="Bytes">Bytes that a call carried, 0 when it failed; bytes that were read of a body.</param>
/// <param name="Error">The error, also <see cref="OperationCanceledException"/>; null when it went well.</param>
public readonly record struct StoreCallEnd(StoreCall Call, TimeSpan Duration, long Bytes, Exception? Error);

/// <summary>Tells an observer of every call that ended.</summary>
public sealed class ObserveCalls(IStoreObserver observer, TimeProvider time) : IStoreLayer
{
    private readonly IStoreObserver _observer = observer;
    private readonly TimeProvider _time = time;

    /// <inheritdoc/>
    public async ValueTask<T> AroundAsync<T>(
        StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(next);
        long start = _time.GetTimestamp();
        T answer;
        try
        {
            answer = await next(ct).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _observer.CallEnded(new StoreCallEnd(call, _time.GetElapsedTime(start), 0, error));
            throw;
        }

        _observer.CallEnded(new StoreCallEnd(call, _time.GetElapsedTime(start), call.Bytes, null));
        return answer;
    }

    /// <inheritdoc/>
    public Stream AroundBody(StoreCall call, Stream body) => new Body(this, call, body);

    /// <inheritdoc/>
    public WriteSource AroundSource(StoreCall call, WriteSource source) => source;

    private sealed class Body(ObserveCalls layer, StoreCall call, Stream inner) : ThroughStream(inner)
    {
        private readonly ObserveCalls _layer = layer;
        private readonly long _start = layer._time.GetTimestamp();
        private long _bytes;
        private Exception? _error;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                int count = await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                _bytes += count;
                return count;
            }
            catch (Exception error)
            {
                _error ??= error;
                throw;
            }
        }

        protected override void Closed() =>
            _layer._observer.BodyEnded(new StoreCallEnd(call, _layer._time.GetElapsedTime(_start), _bytes, _error));
    }
}
