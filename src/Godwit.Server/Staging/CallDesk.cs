using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Godwit.Server.Metrics;
using Godwit.Server.Queue;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>Gives transfers their turns at stagers and preparers, each of whom has so many at once. Places are counted from the transfers that go on here, and those are the ones that the
/// ledger has in that state: none is lost, and none is given back twice. For the dispatcher's loop alone.</summary>
/// <param name="parts">What it stands on.</param>
/// <param name="ended">Called when a call-out is over, with the transfer, and whether the ledger could be used.</param>
[SuppressMessage("Design", "CA1001", Justification = "A source of cancellation without a timer holds nothing, and a call-out may look at it after the end.")]
internal sealed class CallDesk(StagingParts parts, Action<string, LedgerException?> ended)
{
    // Of whom the configuration says nothing, one is enough to tell that.
    private readonly FairQueue _queue = new(1);
    private readonly ConcurrentDictionary<string, CallTurn> _waiting = new();
    private readonly ConcurrentDictionary<string, Call> _calls = new();
    private readonly RunCallOut _run = new(parts);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>All that are here, for whoever looks from another thread.</summary>
    public IReadOnlyList<StagingState> Read() =>
    [
        .. _waiting.Values.Select(turn => new StagingState(CallTurn.NameOf(turn.Stage), turn.Asked.By, "waiting")),
        .. _calls.Values.Select(call => new StagingState(CallTurn.NameOf(call.Turn.Stage), call.Turn.Asked.By, call.Active.IsAcknowledged ? "acknowledged" : "asked")),
    ];

    /// <summary>The shares of projects.</summary>
    public void SetShares(IReadOnlyDictionary<string, int> shares) => _queue.SetShares(shares);

    /// <summary>The configuration says something else of who can be asked: places count from now on, and whoever was missing may be there.</summary>
    public void StagersChanged()
    {
        foreach (StagerRule rule in parts.Stagers.All)
        {
            _queue.LimitEndpoint(PlaceOf(rule.Stage, rule.Name), rule.AtOnce);
        }

        foreach (Call call in _calls.Values)
        {
            call.Active.Renew();
        }
    }

    /// <summary>Whether a transfer is here; then it looks again.</summary>
    public bool Look(string id)
    {
        bool isHere = _calls.TryGetValue(id, out Call? call);
        call?.Active.Look();
        return isHere;
    }

    /// <summary>A transfer waits for its turn, or, where it had that already, goes on at once.</summary>
    public void Add(Submission transfer, CallTurn turn)
    {
        string place = PlaceOf(turn.Stage, turn.Asked.By);
        var waiting = new WaitingTransfer(transfer.Id, new EndpointPair(place, place), transfer.Project, transfer.Priority);
        if (transfer.State == turn.During)
        {
            _queue.Resume(waiting);
            Start(transfer.Id, turn);
        }
        else
        {
            _queue.Add(waiting);
            _waiting[transfer.Id] = turn;
        }
    }

    /// <summary>A transfer waits no more. Nothing of that id is no error.</summary>
    public void Remove(string id)
    {
        _queue.Remove(id);
        _waiting.TryRemove(id, out _);
    }

    /// <summary>A call-out is over: its place is free.</summary>
    public void Done(string id)
    {
        _queue.Done(id);
        _calls.TryRemove(id, out _);
    }

    /// <summary>Begins what has its turn.</summary>
    public void Begin()
    {
        while (!_stop.IsCancellationRequested && _queue.Take() is { } next)
        {
            if (_waiting.TryRemove(next.Id, out CallTurn? turn))
            {
                Start(next.Id, turn);
            }
        }
    }

    /// <summary>Stops: what is under way goes on from the ledger when a service starts again.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_calls.Values.Select(call => call.Running)).ConfigureAwait(false);
    }

    private static string PlaceOf(CallStage stage, string name) => $"{stage}/{name}";

    private void Start(string id, CallTurn turn)
    {
        if (!_stop.IsCancellationRequested && !_calls.ContainsKey(id))
        {
            var active = new ActiveCall(_stop.Token);
            _calls[id] = new Call(turn, active, Task.Run(() => RunAsync(id, active), CancellationToken.None));
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A fault of the program in one transfer stops no other one, and is told with it.")]
    private async Task RunAsync(string id, ActiveCall active)
    {
        LedgerException? fault = null;
        try
        {
            await _run.RunAsync(id, active).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (active.Stop.IsCancellationRequested)
        {
            return;
        }
        catch (LedgerException e)
        {
            fault = e;
        }
        catch (Exception e)
        {
            parts.Warn($"transfer {id}: {e}");
            fault = await TryBreakAsync(id, e).ConfigureAwait(false);
        }

        ended(id, fault);
    }

    private async Task<LedgerException?> TryBreakAsync(string id, Exception fault)
    {
        try
        {
            await _run.BreakAsync(id, fault).ConfigureAwait(false);
            return null;
        }
        catch (LedgerException e)
        {
            return e;
        }
    }

    private sealed record Call(CallTurn Turn, ActiveCall Active, Task Running);
}
