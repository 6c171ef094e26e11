using System.Diagnostics.CodeAnalysis;

namespace Godwit.Storage;

/// <summary>Bytes that many streams may pass together, handed out in small amounts in the order of asking.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody asks for holds nothing.")]
internal sealed class TokenBucket(long? rate, TimeProvider time)
{
    /// <summary>What may be saved up: long enough to ride over a coarse timer, short enough that a link does not notice.</summary>
    private const double SavedSeconds = 0.05;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _rate = Positive(rate);
    private double _tokens;
    private long _filledAt = time.GetTimestamp();
    private int _waiting;

    /// <summary>Bytes a second; null for no limit. Setting it wakes whoever waits.</summary>
    public long? Rate
    {
        get
        {
            lock (_lock)
            {
                return _rate;
            }
        }

        set
        {
            TaskCompletionSource changed;
            lock (_lock)
            {
                Fill();
                _rate = Positive(value);
                // Debt at the old rate must not hold back a new, slower one for long.
                _tokens = _rate is { } bytes ? Math.Max(_tokens, -bytes * SavedSeconds) : 0;
                changed = _changed;
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            changed.SetResult();
        }
    }

    /// <summary>Waits until bytes may pass.</summary>
    /// <param name="wanted">Bytes that the caller would like to pass.</param>
    /// <param name="ct">Ends the wait; nothing is taken then.</param>
    /// <returns>Bytes that he may pass now: some, unless he wanted none.</returns>
    public async ValueTask<int> TakeAsync(int wanted, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (TryTake(wanted, asHead: false, out int taken, out _, out _))
        {
            return taken;
        }

        Interlocked.Increment(ref _waiting);
        try
        {
            await _turn.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                return await TakeAsHeadAsync(wanted, ct).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Gives back what was taken and did not pass.</summary>
    public void GiveBack(int unused)
    {
        lock (_lock)
        {
            if (_rate is { } bytes)
            {
                _tokens = Math.Min(_tokens + unused, Most(bytes));
            }
        }
    }

    /// <summary>At least one byte, or a very low limit would never let anything pass.</summary>
    private static double Most(long rate) => Math.Max(1, rate * SavedSeconds);

    private static long? Positive(long? rate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate ?? 1, nameof(rate));
        return rate;
    }

    /// <summary>The head of the line waits for the clock or a change of the rate; all others wait for their turn.</summary>
    private async ValueTask<int> TakeAsHeadAsync(int wanted, CancellationToken ct)
    {
        int taken;
        while (!TryTake(wanted, asHead: true, out taken, out TimeSpan wait, out Task changed))
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            await Task.WhenAny(changed, Task.Delay(wait, time, stop.Token)).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            ct.ThrowIfCancellationRequested();
        }

        return taken;
    }

    private bool TryTake(int wanted, bool asHead, out int taken, out TimeSpan wait, out Task changed)
    {
        lock (_lock)
        {
            taken = wanted;
            wait = TimeSpan.Zero;
            changed = _changed.Task;
            if (_rate is not { } bytes || wanted == 0)
            {
                return true;
            }

            Fill();
            bool mayOvertake = asHead || Volatile.Read(ref _waiting) == 0;
            if (mayOvertake && _tokens > 0)
            {
                // A twentieth of a second at a time: several streams take turns, and one of them cannot run up a long debt.
                taken = (int)Math.Min(wanted, Math.Clamp(bytes / 20, 1, 1 << 20));
                _tokens -= taken;
                return true;
            }

            wait = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((1 - _tokens) * 1000 / bytes)));
            return false;
        }
    }

    private void Fill()
    {
        long now = time.GetTimestamp();
        if (_rate is { } bytes)
        {
            double earned = time.GetElapsedTime(_filledAt, now).TotalSeconds * bytes;
            _tokens = Math.Min(_tokens + earned, Most(bytes));
        }

        _filledAt = now;
    }
}
