using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Godwit.Server.Engine;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>Tells whoever made a transfer ready that it is needed no more, once, when its round is over: so that disks before tapes do not fill up. Tried again for a day.</summary>
/// <param name="parts">What it stands on.</param>
public sealed class ReleaseLoop(StagingParts parts) : IAsyncDisposable
{
    private const int Page = 5000;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _firstTries = new();
    private readonly Dictionary<(CallStage, string), Task> _telling = [];
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
        await Task.WhenAll(_telling.Values).ConfigureAwait(false);
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
                Warn(e);
            }

            wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait < s_longestSleep ? wait : s_longestSleep;
            await changed.WaitAsync(wait, parts.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Has all told who are due, each stager beside the others: a slow one holds up nobody else.</summary>
    /// <returns>How long nothing is to be done.</returns>
    private async Task<TimeSpan> PassAsync()
    {
        DateTimeOffset now = parts.Time.GetUtcNow();
        IReadOnlyList<CallOut> due = await parts.Calls.ListToReleaseAsync(Timestamp.From(now), Page, _stop.Token).ConfigureAwait(false);
        foreach (IGrouping<(CallStage, string), CallOut> calls in due.GroupBy(call => (call.What.Stage, call.What.Of)))
        {
            if (!_telling.TryGetValue(calls.Key, out Task? before) || before.IsCompleted)
            {
                _telling[calls.Key] = Task.Run(() => TryTellAsync(calls), CancellationToken.None);
            }
        }

        return due.Count > 0 ? s_again
            : await parts.Calls.NextReleaseAsync(_stop.Token).ConfigureAwait(false) is { } next ? next.ToDateTimeOffset() - now
            : s_longestSleep;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever is wrong with one stager, the others are told.")]
    private async Task TryTellAsync(IEnumerable<CallOut> calls)
    {
        try
        {
            await TellAsync(calls).ConfigureAwait(false);
            Look();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // They are told when a service starts again.
        }
        catch (Exception e)
        {
            // Looked at again after a pause.
            Warn(e);
        }
    }

    /// <summary>Of one stager, one after the other: one who does not answer is not asked for each of the others, too.</summary>
    private async Task TellAsync(IEnumerable<CallOut> calls)
    {
        StagerReply? silence = null;
        foreach (CallOut call in calls)
        {
            ReleaseTry tried;
            if (silence is null)
            {
                StagerReply reply = await TellAsync(call).ConfigureAwait(false);
                silence = reply is { Fault: not null, IsRefused: false } ? reply : null;
                tried = TryOf(call.What.Id, reply);
            }
            else
            {
                // It comes before the one at which he was silent, so that this one alone cannot keep the others waiting for ever.
                DateTimeOffset now = parts.Time.GetUtcNow();
                tried = new ReleaseTry(Timestamp.From(now), silence.Fault, Timestamp.From(now + (s_firstPause / 2)));
            }

            await parts.Calls.RecordReleaseAsync(call.What.Id, tried, CancellationToken.None).ConfigureAwait(false);
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

        // How its round ended, which a new one may have followed.
        IReadOnlyList<SubmissionStep> steps = await parts.Submissions.ListStepsAsync(transfer.Id, _stop.Token).ConfigureAwait(false);
        TransferState? end = steps.LastOrDefault(step => step.Round == call.What.Round && TransferSteps.IsEnd(step.State))?.State;
        var order = TransferOrder.Of(transfer);
        var request = new StagerRequest(call.What, transfer with { State = end ?? transfer.State, Round = call.What.Round }, order, call.Answer?.Source ?? order.Source, parts.CallbackOf(call.What.Id));
        return await rule.Asked.ReleaseAsync(request, _stop.Token).ConfigureAwait(false);
    }

    private void Warn(Exception e) => parts.Warn($"Stagers are not told what is needed no more: {(e is LedgerException ? e.Message : e)}");

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
