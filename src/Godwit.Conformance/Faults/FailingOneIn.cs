using Godwit.Storage;

namespace Godwit.Conformance;

/// <summary>Of every so many calls one fails in a way that a repeat can cure, whatever the call. Which one of them is different each time,
/// and the same in each run: callers that wait for each other would stay in step with every third.</summary>
/// <param name="n">From 1: with 3, one of the first three calls fails, one of the next three, and so on.</param>
/// <param name="afterEffect">Whether it fails after it took effect, so that only its answer is lost.</param>
public sealed class FailingOneIn(int n, bool afterEffect = false) : IStoreLayer
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
        if ((number - 1) % n != PlaceIn((number - 1) / n))
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

    /// <summary>Which call of a group fails: the golden ratio's multiples fall evenly and never in a rhythm.</summary>
    private long PlaceIn(long group) => (long)(((ulong)group * 0x9E3779B97F4A7C15) >> 33) % n;
}
