using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Godwit.Server.Engine;
using Godwit.Server.Limits;
using Godwit.Server.Queue;
using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Runs;

/// <summary>Gives transfers their turns and has them carried out. What is to be done is in the ledger alone: whoever changes something there says so by
/// <see cref="Look"/>, and a service that starts looks at everything that has not ended.</summary>
public sealed class Dispatcher : IAsyncDisposable
{
    private const int Page = 1000;

    // What only another process can end, and a ledger that cannot be used, is looked at again from time to time: nobody says when it is over.
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);

    // Nobody could call back while no service ran.
    private static readonly TimeSpan s_lateAnswers = TimeSpan.FromMinutes(10);

    private readonly Channel<Message> _messages = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<string> _waitingForOthers = [];
    private readonly ISubmissions _submissions;
    private readonly DispatchOptions _options;
    private readonly TimeProvider _time;
    private readonly RunSubmission _submission;
    private readonly TimeLimits _times;
    private readonly CallDesk _calls;
    private readonly RunDesk _runs;
    private ITimer? _timer;
    private Task _loop = Task.CompletedTask;

    /// <param name="ledger">The record of runs.</param>
    /// <param name="submissions">The record of transfers.</param>
    /// <param name="engine">What carries out.</param>
    /// <param name="limits">What endpoints and links may take.</param>
    /// <param name="options">How much at once, and who is told.</param>
    /// <param name="time">The clock.</param>
    public Dispatcher(ILedger ledger, ISubmissions submissions, IEngine engine, LiveLimits limits, DispatchOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_submissions, _options, _time) = (submissions, options, time);
        _submission = new RunSubmission(ledger, submissions, engine, limits, options, time);
        _times = new TimeLimits(submissions, limits, options, time);
        _calls = new CallDesk(options.Staging, (id, fault) => Ended(id, fault is not null, fault));
        _runs = new RunDesk(_submission, limits, options, time, Ended) { Moving = options.TransferLimit is null ? null : Look };
    }

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
    public TransferTotals? TotalsOf(string id) => _runs.Find(id)?.Tally.Totals;

    /// <summary>Begins: with what an earlier service left, and then with what comes.</summary>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        _options.Metrics?.Watch(_runs.Read);
        _options.Metrics?.Watch(_calls.Read);
        await _submissions.DropReceivingAsync(null, ct).ConfigureAwait(false);
        await _options.Staging.Calls.AllowUntilAsync(Timestamp.From(_time.GetUtcNow() + s_lateAnswers), ct).ConfigureAwait(false);
        _calls.StagersChanged();

        // Whoever has a place has it before turns are given.
        await ForAllOpenAsync(open => IsWithOthers(open) ? TryLookAtAsync(open.Id) : Task.CompletedTask, ct).ConfigureAwait(false);
        await ForAllOpenAsync(
            open =>
            {
                Look(open.Id);
                return Task.CompletedTask;
            },
            ct).ConfigureAwait(false);
        _timer = _time.CreateTimer(_ => _messages.Writer.TryWrite(new Message("", What.LookAtAllThatWait)), null, s_again, Timeout.InfiniteTimeSpan);
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
    public void StagersChanged() => _messages.Writer.TryWrite(new Message("", What.Stagers) { Answer = _calls.StagersChanged });

    /// <summary>Calls back as soon as everything that was said before is taken in: never where turns are not given any more.</summary>
    /// <param name="answer">Must be quick and must not throw.</param>
    public void WhenAlive(Action answer) => _messages.Writer.TryWrite(new Message("", What.Answer) { Answer = answer });

    /// <summary>Begins nothing more, lets what goes on come to its end for a while, and then stops it cleanly: it goes on when a service starts again.</summary>
    /// <param name="patience">How long it may go on.</param>
    public async Task StopAsync(TimeSpan patience)
    {
        await _calls.StopAsync().ConfigureAwait(false);
        await _runs.DrainAsync(patience).ConfigureAwait(false);

        // Also what was just being begun.
        _messages.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _runs.StopAsync().ConfigureAwait(false);
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

    private void Ended(string id, bool hasToWait, LedgerException? fault)
    {
        Fault = fault?.Message ?? Fault;
        _messages.Writer.TryWrite(new Message(id, hasToWait ? What.HasToWait : What.Ended));
    }

    private void SetShares(IReadOnlyDictionary<string, int> shares)
    {
        _runs.SetShares(shares);
        _calls.SetShares(shares);
    }

    private async Task ForAllOpenAsync(Func<Submission, Task> act, CancellationToken ct)
    {
        string? last = null;
        do
        {
            IReadOnlyList<Submission> page = await _submissions.ListOpenAsync(last, Page, ct).ConfigureAwait(false);
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
            _calls.Begin();
            _runs.Begin();
            _runs.Block(_waitingForOthers.Count);
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
        await (message.What switch
        {
            What.Endpoint => _runs.LimitAsync(message.Id),
            What.Link => _runs.LimitAsync(message.Link),
            _ => Task.CompletedTask,
        }).ConfigureAwait(false);
    }

    private void GoOn(Message message)
    {
        _runs.Done(message.Id);
        _calls.Done(message.Id);
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
            _options.Warn($"transfer {id}: {e}");
        }
    }

    private async Task LookAtAsync(string id)
    {
        Submission? found = await _submissions.FindAsync(id, CancellationToken.None).ConfigureAwait(false);
        bool isWanted = found is { State: { } state, Pause: null, CancelAsked: null } && !TransferSteps.IsEnd(state);
        if (_runs.Find(id) is { } run)
        {
            await (isWanted ? _times.WatchAsync(found!, run.MovedSince).AsTask() : run.StopAsync()).ConfigureAwait(false);
        }
        else if (!_calls.Look(id))
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
        TransferOrder order = await StagedOrder.OfAsync(_options.Staging.Calls, found, CancellationToken.None).ConfigureAwait(false);
        if (CallTurn.Of(order, found.State!.Value) is { } turn)
        {
            _calls.Add(found, turn);
            return;
        }

        _runs.Add(new WaitingTransfer(found.Id, new EndpointPair(order.Endpoints.Source, order.Endpoints.Destination), found.Project, found.Priority));
    }

    private async Task LeaveAsync(string id, Submission? found)
    {
        _runs.Remove(id);
        _calls.Remove(id);
        await CancelAsync(found).ConfigureAwait(false);
        if (found is { State: { } state } && TransferSteps.IsEnd(state) && TransferOrder.Of(found) is { Stage: not null } or { Prepare: not null })
        {
            _options.Released();
        }
    }

    /// <summary>Ends what has used up its _time.</summary>
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
        ActiveRun? run = _runs.Find(id);
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
            await _submissions.StepAsync(found.Id, state, TransferState.Canceled, null, Timestamp.From(_time.GetUtcNow()), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private readonly record struct Message(string Id, What What)
    {
        public EndpointPair Link { get; init; }

        public Action? Answer { get; init; }
    }
}
