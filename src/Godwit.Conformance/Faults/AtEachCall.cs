using Godwit.Storage;

namespace Godwit.Conformance;

/// <summary>When a hook is called.</summary>
public enum CallMoment
{
    /// <summary>The store has not heard of the call.</summary>
    Before = 0,

    /// <summary>The call took effect and the caller does not know yet.</summary>
    After,
}

/// <summary>
/// Calls a hook before each call and after each that went well. A hook that throws stands for a process that dies there: one that
/// throws from some number on lets nothing reach the store any more.
/// </summary>
/// <param name="hook">Gets the call, the moment and the number of the call, from 1; both moments of a call have its number.</param>
public sealed class AtEachCall(Func<StoreCall, CallMoment, long, ValueTask> hook) : IStoreLayer
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
        await hook(call, CallMoment.Before, number).ConfigureAwait(false);
        T answer = await next(ct).ConfigureAwait(false);
        try
        {
            await hook(call, CallMoment.After, number).ConfigureAwait(false);
        }
        catch when (answer is IAsyncDisposable)
        {
            await ((IAsyncDisposable)answer).DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return answer;
    }

    /// <inheritdoc/>
    public Stream AroundBody(StoreCall call, Stream body) => body;

    /// <inheritdoc/>
    public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
}
