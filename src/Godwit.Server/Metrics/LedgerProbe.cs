using Godwit.Transfers.Record;

namespace Godwit.Server.Metrics;

/// <summary>Asks the ledger something small, to see whether it answers.</summary>
/// <param name="askAsync">Asks it.</param>
/// <param name="time">The clock.</param>
internal sealed class LedgerProbe(Func<Task> askAsync, TimeProvider time)
{
    // A scrape waits ten seconds by default, and has to hear of a ledger that never answers.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Task _asking = Task.CompletedTask;
    private long _asked;
    private volatile bool _answered = true;

    /// <summary>Whether it answered when it was asked last. Where that is a while ago it is asked again meanwhile, for whoever comes next.</summary>
    public bool IsUp
    {
        get
        {
            if (time.GetElapsedTime(Interlocked.Read(ref _asked)) > s_fresh)
            {
                _ = AskAsync();
            }

            return _answered;
        }
    }

    /// <summary>Asks, and waits for the answer as long as somebody who scrapes does.</summary>
    public async Task LookAsync()
    {
        try
        {
            await AskAsync().WaitAsync(s_patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _answered = false;
        }
    }

    /// <summary>One question at a time: a ledger that does not answer is not asked ever more.</summary>
    private Task AskAsync()
    {
        lock (_lock)
        {
            if (_asking.IsCompleted)
            {
                Interlocked.Exchange(ref _asked, time.GetTimestamp());
                _asking = Task.Run(TryFindAsync, CancellationToken.None);
            }

            return _asking;
        }
    }

    private async Task TryFindAsync()
    {
        try
        {
            await askAsync().ConfigureAwait(false);
            _answered = true;
        }
        catch (Exception e) when (e is LedgerException or ObjectDisposedException)
        {
            _answered = false;
        }
    }
}
