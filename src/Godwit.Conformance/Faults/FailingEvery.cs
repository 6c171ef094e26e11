using Godwit.Storage;

namespace Godwit.Conformance;

/// <summary>Every so manieth call fails in a way that a repeat can cure, whatever the call.</summary>
/// <param name="n">From 1: with 3, the third, sixth, ninth ... call fails.</param>
/// <param name="afterEffect">Whether it fails after it took effect, so that only its answer is lost.</param>
public sealed class FailingEvery(int n, bool afterEffect = false) : IStoreLayer
{
    private long _calls;

    /// <summary>Calls so far.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <inheritdoc/>
    public async ValueTask<T> AroundAsync<T>(
        StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(next);
        long number = Interlocked.Increment(ref _calls);
        if (number % n != 0)
        {
            return await next(ct).ConfigureAwait(false);
        }

        return afterEffect
            ? await LostAnswer.InsteadOfAsync(await next(ct).ConfigureAwait(false), call).ConfigureAwait(false)
            : throw new StoreException(StoreErrorKind.Unavailable, $"A planned fault: call {number} ({call.Verb}) fails.");
    }

    /// <inheritdoc/>
    public Stream AroundBody(StoreCall call, Stream body) => body;

    /// <inheritdoc/>
    public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
}
