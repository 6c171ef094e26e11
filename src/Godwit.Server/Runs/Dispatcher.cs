using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Godwit.Server.Engine;
using Godwit.Server.Limits;
using Godwit.Server.Metrics;
using Godwit.Server.Queue;
using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Runs;

/// <summary>Gives transfers their turns and has them carried out. What is to be done is in the ledger alone: whoever changes something there says so by
/// <see cref="Look"/>, and a service that starts looks at everything that has not ended.</summary>
/// <param name="ledger">The record of runs.</param>
/// <param name="submissions">The record of transfers.</param>
/// <param name="engine">What carries out.</param>
/// <param name="limits">What endpoints and links may take.</param>
/// <param name="options">How much at once, and who is told.</param>
/// <param name="time">The clock.</param>
public sealed class Dispatcher(
    ILedger ledger, ISubmissions submissions, IEngine engine, LiveLimits limits, DispatchOptions options, TimeProvider time) : IAsyncDisposable
{
    private const int Page = 1000;

    // What only another process can end, and a ledger that cannot be used, is looked at again from time to time: nobody says when it is over.
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);

    // Nobody could call back while no service ran.
    private static readonly TimeSpan s_lateAnswers = TimeSpan.FromMinutes(10);

    private readonly Channel<Message> _messages = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, ActiveRun> _active = new();
    private readonly ConcurrentDictionary<string, Task> _runs = new();
    private readonly FairQueue _queue = new(options.TransfersAtOnce);
    private readonly HashSet<string> _waitingForOthers = [];
    private readonly RunSubmission _submission = new(ledger, submissions, engine, limits, options, time);
    private readonly WaitingView _view = new(time);
    private readonly TimeLimits _times = new(submissions, limits, options, time);
    private CallDesk? _calls;
    private ITimer? _timer;
    private Task _loop = Task.CompletedTask;
    private volatile bool _isStopping;

    private enum What
    {
        Look = 0,
        Ended,
        HasToWait,
        LookAtAllThatWait,
        Endpoint,
        Link,
        Shares,
        Stagers,
        Answer,
    }

    /// <summary>Why transfers cannot be carried out at present; null when they can.</summary>
    public string? Fault { get; private set; }

    /// <summary>The counts of a transfer that is being carried out; null where none of that id is.</summary>
    public TransferTotals? TotalsOf(string id) => _active.TryGetValue(id, out ActiveRun? run) ? run.Tally.Totals : null;

    /// <summary>Begins: with what an earlier service left, and then with what comes.</summary>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        options.Metrics?.Watch(() => _view.Read([.. _active.Values.Select(run => run.Link)]) with { IsPaused = link => limits.PauseOf(link) is not null });
        options.Metrics?.Watch(Calls.Read);
        await submissions.DropReceivingAsync(null, ct).ConfigureAwait(false);
        await options.Staging.Calls.AllowUntilAsync(Timestamp.From(time.GetUtcNow() + s_lateAnswers), ct).ConfigureAwait(false);
        Calls.StagersChanged();

        // Whoever has a place has it before turns are given.
        await ForAllOpenAsync(open => IsWithOthers(open) ? TryLookAtAsync(open.Id) : Task.CompletedTask, ct).ConfigureAwait(false);
        await ForAllOpenAsync(
            open =>
            {
                Look(open.Id);
                return Task.CompletedTask;
            },
            ct).ConfigureAwait(false);
        _timer = time.CreateTimer(_ => _messages.Writer.TryWrite(new Message("", What.LookAtAllThatWait)), null, s_again, Timeout.InfiniteTimeSpan);
        _loop = Task.Run(LoopAsync, CancellationToken.None);
    }

    /// <summary>Something about a transfer is different in the ledger: it was handed over, cancelled, paused, resumed, retried, or has another priority.</summary>
    public void Look(string id) => _messages.Writer.TryWrite(new Message(id, What.Look));

    /// <summary>The limits of an endpoint or a link are different. Where it is paused, what goes on there stops cleanly, and goes on when it is not any
    /// more.</summary>
    public void LimitsChanged(LimitedPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        _messages.Writer.TryWrite(place.Destination is { } destination
            ? new Message("", What.Link) { Link = new EndpointPair(place.Source, destination) }
            : new Message(place.Source, What.Endpoint));
    }

    /// <summary>The shares of projects are different; one that is not named has 1.</summary>
    public void SharesChanged(IReadOnlyDictionary<string, int> shares) => _messages.Writer.TryWrite(new Message("", What.Shares) { Answer = () => SetShares(shares) });

    /// <summary>The configuration says something else of stagers and preparers.</summary>
    public void StagersChanged() => _messages.Writer.TryWrite(new Message("", What.Stagers) { Answer = Calls.StagersChanged });

    /// <summary>Calls back as soon as everything that was said before is taken in: never where turns are not given any more.</summary>
    /// <param name="answer">Must be quick and must not throw.</param>
    public void WhenAlive(Action answer) => _messages.Writer.TryWrite(new Message("", What.Answer) { Answer = answer });

    /// <summary>Begins nothing more, lets what goes on come to its end for a while, and then stops it cleanly: it goes on when a service starts again.</summary>
    /// <param name="patience">How long it may go on.</param>
    public async Task StopAsync(TimeSpan patience)
    {
        _isStopping = true;
        await Calls.StopAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_runs.Values).WaitAsync(patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What goes on is stopped below.
        }

        // Also what was just being begun.
        _messages.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        foreach (ActiveRun run in _active.Values)
        {
            await run.StopAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(_runs.Values).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero).ConfigureAwait(false);
        if (_timer is not null)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private CallDesk Calls => _calls ??= new CallDesk(options.Staging, CallEnded);

    private void CallEnded(string id, LedgerException? fault)
    {
        Fault = fault?.Message ?? Fault;
        _messages.Writer.TryWrite(new Message(id, fault is null ? What.Ended : What.HasToWait));
    }

    private void SetShares(IReadOnlyDictionary<string, int> shares)
    {
        _queue.SetShares(shares);
        Calls.SetShares(shares);
    }

    private async Task ForAllOpenAsync(Func<Submission, Task> act, CancellationToken ct)
    {
        string? last = null;
        do
        {
            IReadOnlyList<Submission> page = await submissions.ListOpenAsync(last, Page, ct).ConfigureAwait(false);
            foreach (Submission open in page)
            {
                await act(open).ConfigureAwait(false);
            }

            last = page.Count < Page ? null : page[^1].Id;
        }
        while (last is not null);
    }

    private async Task LoopAsync()
    {
        await foreach (Message message in _messages.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            await TakeAsync(message).ConfigureAwait(false);
            Begin();
            _view.Block(_waitingForOthers.Count);
        }
    }

    private async Task TakeAsync(Message message)
    {
        if (message.What is What.Ended or What.HasToWait or What.LookAtAllThatWait)
        {
            GoOn(message);
        }

        if (message.What is What.Look or What.Ended)
        {
            await TryLookAtAsync(message.Id).ConfigureAwait(false);
        }

        if (message.What == What.LookAtAllThatWait)
        {
            await StrikeAsync().ConfigureAwait(false);
            _timer?.Change(s_again, Timeout.InfiniteTimeSpan);
        }

        message.Answer?.Invoke();
        if (message.What is What.Endpoint or What.Link)
        {
            await LimitAsync(message).ConfigureAwait(false);
        }
    }

    private async Task LimitAsync(Message message)
    {
        LimitSettings now = message.What == What.Link ? limits.Of(message.Link) : limits.Of(message.Id);
        if (message.What == What.Link)
        {
            _queue.LimitLink(message.Link, now.Pause is null ? now.Transfers : 0);
        }
        else
        {
            _queue.LimitEndpoint(message.Id, now.Transfers ?? options.TransfersAtOnce);
            _queue.PauseEndpoint(message.Id, now.Pause is not null);
        }

        foreach (ActiveRun run in _active.Values.Where(run => limits.PauseOf(run.Link) is not null))
        {
            await run.StopAsync().ConfigureAwait(false);
        }
    }

    private void GoOn(Message message)
    {
        _queue.Done(message.Id);
        Calls.Done(message.Id);
        _active.TryRemove(message.Id, out _);
        _runs.TryRemove(message.Id, out _);
        if (message.What == What.HasToWait)
        {
            _waitingForOthers.Add(message.Id);
            return;
        }

        // Whoever waits for the end of another run may have waited for this one. Those that have to wait wake nobody.
        foreach (string id in _waitingForOthers)
        {
            Look(id);
        }

        _waitingForOthers.Clear();
    }

    [SuppressMessage("Design", "CA1031", Justification = "One transfer that cannot even be looked at must not keep all others from their turns.")]
    private async Task TryLookAtAsync(string id)
    {
        try
        {
            await LookAtAsync(id).ConfigureAwait(false);
            Fault = null;
        }
        catch (LedgerException e)
        {
            Fault = e.Message;
            _waitingForOthers.Add(id);
        }
        catch (Exception e)
        {
            options.Warn($"transfer {id}: {e}");
        }
    }

    private async Task LookAtAsync(string id)
    {
        Submission? found = await submissions.FindAsync(id, CancellationToken.None).ConfigureAwait(false);
        bool isWanted = found is { State: { } state, Pause: null, CancelAsked: null } && !TransferSteps.IsEnd(state);
        if (_active.TryGetValue(id, out ActiveRun? run))
        {
            await (isWanted ? _times.WatchAsync(found!, run.MovedSince).AsTask() : run.StopAsync()).ConfigureAwait(false);
        }
        else if (!Calls.Look(id))
        {
            await (isWanted || IsWithOthers(found) ? WaitAsync(found!) : LeaveAsync(id, found)).ConfigureAwait(false);
        }
    }

    /// <summary>Somebody else makes it ready: what he does goes on although it is paused.</summary>
    private static bool IsWithOthers(Submission? found) => found is { State: TransferState.Staging or TransferState.Preparing, CancelAsked: null };

    /// <summary>It gets its turn, at whoever is next.</summary>
    private async Task WaitAsync(Submission found)
    {
        if (_waitingForOthers.Contains(found.Id))
        {
            return;
        }

        await _times.WatchAsync(found, null).ConfigureAwait(false);
        TransferOrder order = await StagedOrder.OfAsync(options.Staging.Calls, found, CancellationToken.None).ConfigureAwait(false);
        if (CallTurn.Of(order, found.State!.Value) is { } turn)
        {
            Calls.Add(found, turn);
            return;
        }

        var waiting = new WaitingTransfer(found.Id, new EndpointPair(order.Endpoints.Source, order.Endpoints.Destination), found.Project, found.Priority);
        _queue.Add(waiting);
        _view.Add(waiting);
    }

    private async Task LeaveAsync(string id, Submission? found)
    {
        _queue.Remove(id);
        _view.Remove(id);
        Calls.Remove(id);
        await CancelAsync(found).ConfigureAwait(false);
        if (found is { State: { } state } && TransferSteps.IsEnd(state) && TransferOrder.Of(found) is { Stage: not null } or { Prepare: not null })
        {
            options.Released();
        }
    }

    /// <summary>Ends what has used up its time.</summary>
    private async Task StrikeAsync()
    {
        foreach (string id in _times.Due())
        {
            try
            {
                await StrikeAsync(id).ConfigureAwait(false);
            }
            catch (LedgerException e)
            {
                Fault = e.Message;
                _waitingForOthers.Add(id);
            }
        }
    }

    private async Task StrikeAsync(string id)
    {
        _active.TryGetValue(id, out ActiveRun? run);
        if (await _times.WhyNotAsync(id, run?.MovedSince).ConfigureAwait(false) is not (var (found, why)))
        {
            return;
        }

        if (run is not null)
        {
            await run.ExpireAsync(why).ConfigureAwait(false);
            return;
        }

        await _submission.ExpireAsync(found, why).ConfigureAwait(false);
        Look(id);
    }

    /// <summary>Nothing goes on that had to be stopped first.</summary>
    private async Task CancelAsync(Submission? found)
    {
        if (found is { CancelAsked: not null, State: { } state } && !TransferSteps.IsEnd(state))
        {
            await submissions.StepAsync(found.Id, state, TransferState.Canceled, null, Timestamp.From(time.GetUtcNow()), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Begin()
    {
        Calls.Begin();
        while (!_isStopping && _queue.Take() is { } next)
        {
            _view.Remove(next.Id);
            var active = new ActiveRun(next.Link, options.Metrics?.Begin(next.Id, next.Link), options.ObserverOf(next.Id));
            _active[next.Id] = active;
            LookWhenBegun(next.Id, active);
            _runs[next.Id] = Task.Run(() => RunAsync(next.Id, active), CancellationToken.None);
        }
    }

    /// <summary>From then on its time to move files runs.</summary>
    private void LookWhenBegun(string id, ActiveRun active)
    {
        if (options.TransferLimit is not null)
        {
            active.Moving.ContinueWith(_ => Look(id), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private async Task RunAsync(string id, ActiveRun active)
    {
        What end = await CarryOutAsync(id, active).ConfigureAwait(false) ? What.Ended : What.HasToWait;
        _messages.Writer.TryWrite(new Message(id, end));
    }

    /// <returns>False: it has to wait.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "A fault of the program in one transfer stops no other one, and is told with it.")]
    private async Task<bool> CarryOutAsync(string id, ActiveRun active)
    {
        try
        {
            return await _submission.RunAsync(id, active).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (active.Stop.IsCancellationRequested)
        {
            // Stopped before it began; what is wanted of it is in the ledger.
            return true;
        }
        catch (LedgerException e)
        {
            Fault = e.Message;
            return false;
        }
        catch (Exception e)
        {
            options.Warn($"transfer {id}: {e}");
            return await TryBreakAsync(id, e).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryBreakAsync(string id, Exception fault)
    {
        try
        {
            await _submission.BreakAsync(id, fault).ConfigureAwait(false);
            return true;
        }
        catch (LedgerException e)
        {
            Fault = e.Message;
            return false;
        }
    }

    private readonly record struct Message(string Id, What What)
    {
        public EndpointPair Link { get; init; }

        public Action? Answer { get; init; }
    }
}
