namespace Godwit.Storage;

/// <summary>The time that one attempt may take; it stands still while the attempt waits for its source.</summary>
internal sealed class AttemptClock : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenRegistration _registration;
    private TimeSpan _left;
    private long _runningSince;
    private int _pauses;
    private bool _over;

    /// <summary>Starts the clock.</summary>
    public AttemptClock(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        _time = time;
        _caller = caller;
        _left = limit;
        _runningSince = time.GetTimestamp();
        _timer = new CancellationTokenSource(limit, time);
        _registration = caller.UnsafeRegister(static timer => ((CancellationTokenSource)timer!).Cancel(), _timer);
    }

    /// <summary>Cancelled by the clock and by the caller.</summary>
    public CancellationToken Token => _timer.Token;

    /// <summary>Whether the clock ran out, not the caller's patience.</summary>
    public bool RanOut => _timer.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>The same source; whoever waits for its bytes does so off this clock.</summary>
    public WriteSource PausedBy(WriteSource source) => new(
        source.Length,
        async ct =>
        {
            Pause();
            try
            {
                return new Pausing(this, await source.OpenAsync(ct).ConfigureAwait(false));
            }
            finally
            {
                Resume();
            }
        });

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _over = true;
        }

        _registration.Dispose();
        _timer.Dispose();
    }

    private void Pause()
    {
        lock (_lock)
        {
            if (_pauses++ == 0 && IsLimited)
            {
                _left -= _time.GetElapsedTime(_runningSince);
                _timer.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Resume()
    {
        lock (_lock)
        {
            if (--_pauses == 0 && IsLimited)
            {
                _runningSince = _time.GetTimestamp();
                _timer.CancelAfter(_left > TimeSpan.Zero ? _left : TimeSpan.Zero);
            }
        }
    }

    private bool IsLimited => !_over && _left != Timeout.InfiniteTimeSpan;

    private sealed class Pausing(AttemptClock clock, Stream inner) : ThroughStream(inner)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            clock.Pause();
            ValueTask<int> read;
            try
            {
                read = Inner.ReadAsync(buffer, cancellationToken);
            }
            catch
            {
                clock.Resume();
                throw;
            }

            if (read.IsCompletedSuccessfully)
            {
                clock.Resume();
                return read;
            }

            return WaitAsync(read);
        }

        private async ValueTask<int> WaitAsync(ValueTask<int> read)
        {
            try
            {
                return await read.ConfigureAwait(false);
            }
            finally
            {
                clock.Resume();
            }
        }
    }
}
