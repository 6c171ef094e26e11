namespace Godwit.Storage;

/// <summary>How often and how long a failed call is repeated.</summary>
public sealed record RetryOptions
{
    /// <summary>Repeats after the first attempt.</summary>
    /// <value>5: with the pauses below about six seconds, which outlasts a restarted front end. What lasts longer is the queue's.</value>
    public int MaxRepeats { get; init; } = 5;

    /// <summary>Repeats of a call to a store that never answered so far, where nobody answers (<see cref="StoreException.NobodyAnswered"/>).</summary>
    /// <value>2: half a second, so that a mistyped address is told at once. Once it has answered, the store has all repeats.</value>
    public int MaxRepeatsBeforeFirstAnswer { get; init; } = 2;

    /// <summary>How long a store that answered before is waited for once nobody answers (<see cref="StoreException.NobodyAnswered"/>), by
    /// all its calls together and however often each was repeated. Later calls fail at once (<see cref="NextStep.LeaveStore"/>), so that
    /// the end does not depend on how many files are left.</summary>
    /// <value>Two minutes: a server that is started anew is back by then.</value>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>From the first failure; no attempt begins later. What went before was work, or the wait for a place, and says nothing
    /// against another attempt.</summary>
    /// <value>Five minutes: a few attempts of a minute that time out, then the file makes room for others.</value>
    public TimeSpan MaxElapsed { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The pause before the first repeat; it doubles each time.</summary>
    /// <value>0.2 s: a lost connection is back at once.</value>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>The least pause after a store asked to be left alone and did not say how long.</summary>
    /// <value>1 s, the shortest that object stores name themselves.</value>
    public TimeSpan LaterPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause; a store that asks for more gets it.</summary>
    /// <value>30 s: longer ones waste a place that another file could use.</value>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What the jitter is drawn from; the same seed gives the same pauses.</summary>
    /// <value>The process, so that two that failed together do not come back together.</value>
    public int Seed { get; init; } = Environment.ProcessId;
}

/// <summary>
/// Repeats a call whose error says that the same call may succeed. Never one that may have taken effect
/// (<see cref="StoreCall.CanRepeat"/>, unless <see cref="StoreException.TookNoEffect"/>), and never one that was repeated further inside:
/// retries do not multiply. A store at which nobody answers any more is given up as a whole, for good.
/// </summary>
public sealed class RetryCalls(RetryOptions options, TimeProvider time) : IStoreLayer
{
    private readonly Lock _lock = new();
    private readonly Random _jitter = new(options.Seed);
    private readonly StoreSilence _silence = new(options.MaxSilence, time);

    /// <inheritdoc/>
    public async ValueTask<T> AroundAsync<T>(
        StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(next);
        ct.ThrowIfCancellationRequested();
        long? failed = null;
        for (int repeats = 0; ; repeats++)
        {
            TimeSpan pause;
            try
            {
                _silence.RequireHope(call);
                T answer = await next(ct).ConfigureAwait(false);
                _silence.End();
                return answer;
            }
            catch (StoreException error) when (error.RetriesSpent == 0)
            {
                failed ??= time.GetTimestamp();
                bool isSilent = _silence.Hear(error);
                pause = PauseAfter(error, repeats, isSilent);
                bool mayRepeat = (call.CanRepeat || error.TookNoEffect) && MayRepeat(error);
                if (mayRepeat && isSilent && _silence.EndsBefore(pause))
                {
                    throw _silence.GiveUp(error, call);
                }

                // Where others are answered in between, a silence never lasts: no call goes on for longer than its own time.
                bool isSpent = (repeats >= MostRepeats && !isSilent) || time.GetElapsedTime(failed.Value) + pause > options.MaxElapsed;
                if (!mayRepeat || isSpent)
                {
                    error.RetriesSpent = repeats;
                    throw;
                }
            }

            await Task.Delay(pause, time, ct).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Stream AroundBody(StoreCall call, Stream body) => body;

    /// <inheritdoc/>
    public WriteSource AroundSource(StoreCall call, WriteSource source) => source;

    private int MostRepeats => _silence.HasAnswered ? options.MaxRepeats : Math.Min(options.MaxRepeatsBeforeFirstAnswer, options.MaxRepeats);

    private static bool MayRepeat(StoreException error) => error.Next is NextStep.RepeatCall or NextStep.RepeatCallLater;

    private TimeSpan PauseAfter(StoreException error, int repeats, bool isSilent)
    {
        double part;
        lock (_lock)
        {
            // Half of the pause is certain, half is drawn: callers that failed together spread out, none comes back at once.
            part = 0.5 + (_jitter.NextDouble() / 2);
        }

        TimeSpan most = isSilent && options.MaxPause > StoreSilence.MaxPause ? StoreSilence.MaxPause : options.MaxPause;
        double doubled = options.FirstPause.TotalSeconds * Math.Pow(2, repeats);
        var pause = TimeSpan.FromSeconds(Math.Min(doubled, most.TotalSeconds) * part);
        TimeSpan asked = error.RetryAfter ?? (error.Next == NextStep.RepeatCallLater ? options.LaterPause : TimeSpan.Zero);
        return pause > asked ? pause : asked;
    }
}
