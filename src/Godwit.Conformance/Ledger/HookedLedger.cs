using Godwit.Transfers.Record;

namespace Godwit.Conformance.Ledger;

/// <summary>On which side of a call a hook stands.</summary>
public enum LedgerPhase
{
    /// <summary>Nothing of the call was done.</summary>
    Before,

    /// <summary>The call was done, and its caller does not know yet.</summary>
    After,
}

/// <summary>A moment between two steps of a ledger.</summary>
/// <param name="Step">The call.</param>
/// <param name="Phase">The side of it.</param>
/// <param name="Number">The number of the call among all calls, from 1.</param>
public readonly record struct LedgerMoment(LedgerStep Step, LedgerPhase Phase, long Number);

/// <summary>
/// A ledger with a hook before and after each call: the place to pull the plug. A hook that throws before the call keeps it from being
/// made; one that throws after it loses the answer of what was done.
/// </summary>
/// <param name="inner">The ledger that the calls go to.</param>
/// <param name="hook">What happens at each moment.</param>
public sealed class HookedLedger(ILedger inner, Func<LedgerMoment, ValueTask> hook) : ForwardingLedger(inner)
{
    private long _calls;

    /// <summary>How many calls were begun.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <inheritdoc/>
    protected override async ValueTask<T> AroundAsync<T>(LedgerStep step, Func<ValueTask<T>> call, CancellationToken ct)
    {
        long number = Interlocked.Increment(ref _calls);
        await hook(new LedgerMoment(step, LedgerPhase.Before, number)).ConfigureAwait(false);
        T answer = await call().ConfigureAwait(false);
        await hook(new LedgerMoment(step, LedgerPhase.After, number)).ConfigureAwait(false);
        return answer;
    }
}
