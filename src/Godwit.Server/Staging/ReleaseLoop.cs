using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Godwit.Server.Engine;
using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>Tells whoever made a transfer ready that it is needed no more, once, when its round is over: so that disks before tapes do not fill up. Tried again for a day.</summary>
/// <param name="parts">What it stands on.</param>
public sealed class ReleaseLoop(StagingParts parts) : IAsyncDisposable
{
    private const int Page = 100;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _firstTries = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loop = Task.CompletedTask;

    /// <summary>Begins, with what an earlier service left.</summary>
    public void Start() => _loop = Task.Run(LoopAsync, CancellationToken.None);

    /// <summary>A transfer has ended, or begins a new round.</summary>
    public void Look() => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Stops; what was not told is told when a service starts again.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever one stager or the ledger does, the others are told.")]
    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            TimeSpan wait = s_again;
            try
            {
                wait = await PassAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                parts.Warn($"Stagers are not told what is needed no more: {(e is Transfers.Record.LedgerException ? e.Message : e)}");
            }

            wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait < s_longestSleep ? wait : s_longestSleep;
            await changed.WaitAsync(wait, parts.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Tells all that are due, of each stager one after the other.</summary>
    /// <returns>How long nothing is to be done.</returns>
    private async Task<TimeSpan> PassAsync()
    {
        IReadOnlyList<CallOut> due;
        do
        {
            due = await parts.Calls.ListToReleaseAsync(Timestamp.From(parts.Time.GetUtcNow()), Page, _stop.Token).ConfigureAwait(false);
            await Task.WhenAll(due.GroupBy(call => (call.What.Stage, call.What.Of)).Select(TellAsync)).ConfigureAwait(false);
        }
        while (due.Count > 0);
        return await parts.Calls.NextReleaseAsync(_stop.Token).ConfigureAwait(false) is { } next ? next.ToDateTimeOffset() - parts.Time.GetUtcNow() : s_longestSleep;
    }

    /// <summary>One who does not answer is not asked for each of the others, too.</summary>
    private async Task TellAsync(IEnumerable<CallOut> calls)
    {
        StagerReply? silence = null;
        foreach (CallOut call in calls)
        {
            StagerReply reply = silence ?? await TellAsync(call).ConfigureAwait(false);
            silence = reply is { Fault: not null, IsRefused: false } ? reply : null;
            await parts.Calls.RecordReleaseAsync(call.What.Id, TryOf(call.What.Id, reply), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<StagerReply> TellAsync(CallOut call)
    {
        if (parts.Stagers.Find(call.What.Stage, call.What.Of) is not { } rule)
        {
            return new StagerReply($"The service's configuration has no {CallTurn.NameOf(call.What.Stage, call.What.Of)} any more.");
        }

        if (await parts.Submissions.FindAsync(call.What.Submission, _stop.Token).ConfigureAwait(false) is not { } transfer)
        {
            return StagerReply.Acknowledged;
        }

        var order = TransferOrder.Of(transfer);
        var request = new StagerRequest(call.What, transfer, order, call.Answer?.Source ?? order.Source, parts.CallbackOf(call.What.Id));
        return await rule.Asked.ReleaseAsync(request, _stop.Token).ConfigureAwait(false);
    }

    private ReleaseTry TryOf(string id, StagerReply reply)
    {
        DateTimeOffset now = parts.Time.GetUtcNow();
        TimeSpan since = now - _firstTries.GetOrAdd(id, now);
        if (reply.Fault is null || reply.IsRefused || since >= s_patience)
        {
            _firstTries.TryRemove(id, out _);
            return new ReleaseTry(Timestamp.From(now), reply.Fault, null);
        }

        TimeSpan pause = since / 2 < s_firstPause ? s_firstPause : since / 2 < s_longestPause ? since / 2 : s_longestPause;
        pause = reply.RetryAfter is { } asked && asked > pause && asked < s_patience ? asked : pause;
        return new ReleaseTry(Timestamp.From(now), reply.Fault, Timestamp.From(now + pause));
    }
}
