using System.Diagnostics.CodeAnalysis;

namespace Godwit.Server.Staging;

/// <summary>A call-out that goes on.</summary>
/// <param name="stop">The service ends.</param>
[SuppressMessage("Design", "CA1001", Justification = "A source of cancellation without a timer holds nothing, and whoever stops it may come after its end.")]
internal sealed class ActiveCall(CancellationToken stop)
{
    // A timer takes no longer time than that.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The service ends: what is written down stays as it is.</summary>
    public CancellationToken Stop => stop;

    /// <summary>Done when something is different in the ledger: to be taken before that is read.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>When he may be asked again.</summary>
    public DateTimeOffset NextTry { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>How often something about him was different: to be taken before he is asked.</summary>
    public int Renewals { get; private set; }

    /// <summary>Whether he has acknowledged.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>He was asked in vain.</summary>
    /// <param name="renewals">What was known of him then: what came after that is tried at once.</param>
    /// <param name="next">When he may be asked again.</param>
    public void Pause(int renewals, DateTimeOffset next)
    {
        lock (_lock)
        {
            NextTry = renewals == Renewals ? next : NextTry;
        }
    }

    /// <summary>The configuration says something else of him, so that he may be asked at once.</summary>
    public void Renew()
    {
        lock (_lock)
        {
            Renewals++;
            NextTry = DateTimeOffset.MinValue;
        }

        Look();
    }

    /// <summary>Something is different in the ledger.</summary>
    public void Look() => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Waits until something is different, or for a time.</summary>
    public async Task WaitAsync(Task changed, TimeSpan wait, TimeProvider time)
    {
        if (wait > TimeSpan.Zero)
        {
            await changed.WaitAsync(wait < s_longest ? wait : s_longest, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        stop.ThrowIfCancellationRequested();
    }
}
