using System.Diagnostics.CodeAnalysis;

namespace Godwit.Server.Staging;

/// <summary>A call-out that goes on.</summary>
/// <param name="stop">The service ends.</param>
[SuppressMessage("Design", "CA1001", Justification = "A source of cancellation without a timer holds nothing, and whoever stops it may come after its end.")]
internal sealed class ActiveCall(CancellationToken stop)
{
    // A timer takes no longer time than that.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The service ends: what is written down stays as it is.</summary>
    public CancellationToken Stop => stop;

    /// <summary>Done when something is different in the ledger: to be taken before that is read.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>When he may be asked again.</summary>
    public DateTimeOffset NextTry { get; set; } = DateTimeOffset.MinValue;

    /// <summary>Whether he has acknowledged.</summary>
    public bool IsAcknowledged { get; set; }

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
