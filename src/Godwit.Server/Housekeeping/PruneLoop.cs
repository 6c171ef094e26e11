using System.Diagnostics.CodeAnalysis;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Housekeeping;

/// <summary>Forgets once a day what is long over, in small steps between which others write.</summary>
/// <param name="housekeeping">What forgets.</param>
/// <param name="keep">How long what happened is kept.</param>
/// <param name="warn">Takes a sentence about something that cannot be done now.</param>
/// <param name="time">The clock.</param>
public sealed class PruneLoop(IHousekeeping housekeeping, TimeSpan keep, Action<string> warn, TimeProvider time) : IAsyncDisposable
{
    private const int AtOnce = 500;

    // Not while a service that was just started has so much else to do.
    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_every = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Begins.</summary>
    public void Start() => _loop = Task.Run(LoopAsync, CancellationToken.None);

    /// <summary>Stops; what is left is forgotten another day.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever is wrong today, it is tried again tomorrow.")]
    private async Task LoopAsync()
    {
        for (TimeSpan wait = s_first; await SleepAsync(wait).ConfigureAwait(false); wait = s_every)
        {
            try
            {
                await PruneAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                warn($"What is long over is not forgotten today: {(e is LedgerException ? e.Message : e)}");
            }
        }
    }

    private async Task PruneAsync()
    {
        var before = Timestamp.From(time.GetUtcNow() - keep);
        while (await housekeeping.PruneAsync(before, AtOnce, _stop.Token).ConfigureAwait(false) > 0 && await SleepAsync(s_between).ConfigureAwait(false))
        {
        }
    }

    /// <returns>False where it is to stop.</returns>
    private async Task<bool> SleepAsync(TimeSpan wait)
    {
        await Task.Delay(wait, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_stop.IsCancellationRequested;
    }
}
