using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Godwit.Server.Limits;
using Godwit.Server.Metrics;
using Godwit.Server.Queue;
using Godwit.Transfers.Record;

namespace Godwit.Server.Runs;

/// <summary>Gives transfers their turns on the links between endpoints, and has them carried out. For the dispatcher's loop alone, unless something else is said.</summary>
/// <param name="submission">Carries one out.</param>
/// <param name="limits">What endpoints and links may take.</param>
/// <param name="options">How much at once, and who is told.</param>
/// <param name="time">The clock.</param>
/// <param name="ended">Called when a run is over, with the transfer, whether it has to wait, and why the ledger could not be used; null where it could.</param>
internal sealed class RunDesk(RunSubmission submission, LiveLimits limits, DispatchOptions options, TimeProvider time, Action<string, bool, LedgerException?> ended)
{
    private readonly ConcurrentDictionary<string, ActiveRun> _active = new();
    private readonly ConcurrentDictionary<string, Task> _runs = new();
    private readonly FairQueue _queue = new(options.TransfersAtOnce);
    private readonly WaitingView _view = new(time);
    private volatile bool _isStopping;

    /// <summary>Called when it is written down that the files of a transfer are moved.</summary>
    public Action<string>? Moving { get; init; }

    /// <summary>The run of a transfer; null where it is not carried out. From any thread.</summary>
    public ActiveRun? Find(string id) => _active.GetValueOrDefault(id);

    /// <summary>What waits and what goes on. From any thread.</summary>
    public QueueState Read() => _view.Read([.. _active.Values.Select(run => run.Link)]) with { IsPaused = link => limits.PauseOf(link) is not null };

    /// <summary>So many wait for something other than their turn.</summary>
    public void Block(int transfers) => _view.Block(transfers);

    /// <summary>The shares of projects.</summary>
    public void SetShares(IReadOnlyDictionary<string, int> shares) => _queue.SetShares(shares);

    /// <summary>A transfer waits for its turn.</summary>
    public void Add(WaitingTransfer transfer)
    {
        _queue.Add(transfer);
        _view.Add(transfer);
    }

    /// <summary>A transfer waits no more. Nothing of that id is no error.</summary>
    public void Remove(string id)
    {
        _queue.Remove(id);
        _view.Remove(id);
    }

    /// <summary>A run is over: its places are free.</summary>
    public void Done(string id)
    {
        _queue.Done(id);
        _active.TryRemove(id, out _);
        _runs.TryRemove(id, out _);
    }

    /// <summary>What an endpoint may take is different.</summary>
    public Task LimitAsync(string endpoint)
    {
        LimitSettings now = limits.Of(endpoint);
        _queue.LimitEndpoint(endpoint, now.Transfers ?? options.TransfersAtOnce);
        _queue.PauseEndpoint(endpoint, now.Pause is not null);
        return StopPausedAsync();
    }

    /// <summary>What a link may take is different.</summary>
    public Task LimitAsync(EndpointPair link)
    {
        LimitSettings now = limits.Of(link);
        _queue.LimitLink(link, now.Pause is null ? now.Transfers : 0);
        return StopPausedAsync();
    }

    /// <summary>Begins what has its turn.</summary>
    public void Begin()
    {
        while (!_isStopping && _queue.Take() is { } next)
        {
            _view.Remove(next.Id);
            var active = new ActiveRun(next.Link, options.Metrics?.Begin(next.Id, next.Link), options.ObserverOf(next.Id));
            _active[next.Id] = active;
            TellWhenMoving(next.Id, active);
            _runs[next.Id] = Task.Run(() => RunAsync(next.Id, active), CancellationToken.None);
        }
    }

    /// <summary>Begins nothing more, and waits for a while until nothing goes on any more.</summary>
    /// <param name="patience">How long.</param>
    public async Task DrainAsync(TimeSpan patience)
    {
        _isStopping = true;
        try
        {
            await Task.WhenAll(_runs.Values).WaitAsync(patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What goes on is stopped by whoever asked for this.
        }
    }

    /// <summary>Stops cleanly what goes on.</summary>
    public async Task StopAsync()
    {
        foreach (ActiveRun run in _active.Values)
        {
            await run.StopAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(_runs.Values).ConfigureAwait(false);
    }

    private async Task StopPausedAsync()
    {
        foreach (ActiveRun run in _active.Values.Where(run => limits.PauseOf(run.Link) is not null))
        {
            await run.StopAsync().ConfigureAwait(false);
        }
    }

    private void TellWhenMoving(string id, ActiveRun active)
    {
        if (Moving is { } moving)
        {
            active.Moving.ContinueWith(_ => moving(id), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A fault of the program in one transfer stops no other one, and is told with it.")]
    private async Task RunAsync(string id, ActiveRun active)
    {
        bool isOver = false;
        LedgerException? fault = null;
        try
        {
            isOver = await submission.RunAsync(id, active).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (active.Stop.IsCancellationRequested)
        {
            // Stopped before it began; what is wanted of it is in the ledger.
            isOver = true;
        }
        catch (LedgerException e)
        {
            fault = e;
        }
        catch (Exception e)
        {
            options.Warn($"transfer {id}: {e}");
            fault = await TryBreakAsync(id, e).ConfigureAwait(false);
            isOver = fault is null;
        }

        ended(id, !isOver, fault);
    }

    private async Task<LedgerException?> TryBreakAsync(string id, Exception fault)
    {
        try
        {
            await submission.BreakAsync(id, fault).ConfigureAwait(false);
            return null;
        }
        catch (LedgerException e)
        {
            return e;
        }
    }
}
