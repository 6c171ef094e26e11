using Godwit.Transfers.Record;

namespace Godwit.Server.Metrics;

/// <summary>Something that is looked up for whoever scrapes: by one at a time, not at each scrape, and not for longer than he waits.</summary>
/// <typeparam name="T">What is looked up.</typeparam>
/// <param name="lookAsync">Looks it up; null for nothing.</param>
/// <param name="fresh">How long what was found is told.</param>
/// <param name="time">The clock.</param>
internal sealed class LookedUp<T>(Func<Task<T?>> lookAsync, TimeSpan fresh, TimeProvider time)
    where T : class
{
    // A scrape waits ten seconds by default.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task _looking = Task.CompletedTask;
    private long? _began;
    private volatile Found? _found;

    /// <summary>What was found last; null for nothing, also where it takes too long. Where that is a while ago it is looked up again meanwhile, for whoever comes
    /// next.</summary>
    public T? Last
    {
        get
        {
            _ = BeginAsync();
            return _found is { } found && time.GetElapsedTime(found.At) <= fresh + fresh ? found.Value : null;
        }
    }

    /// <summary>Looks it up where what was found is too old, and waits for that as long as somebody who scrapes does.</summary>
    public async Task LookAsync()
    {
        try
        {
            await BeginAsync().WaitAsync(s_patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What was found before is told for a while.
        }
    }

    private Task BeginAsync()
    {
        lock (_lock)
        {
            if (_looking.IsCompleted && !(_began is { } began && time.GetElapsedTime(began) < fresh))
            {
                _began = time.GetTimestamp();
                _looking = Task.Run(TryAsync, CancellationToken.None);
            }

            return _looking;
        }
    }

    private async Task TryAsync()
    {
        try
        {
            _found = new Found(await lookAsync().ConfigureAwait(false), time.GetTimestamp());
        }
        catch (Exception e) when (e is LedgerException or ObjectDisposedException)
        {
            _found = null;
        }
    }

    private sealed record Found(T? Value, long At);
}
