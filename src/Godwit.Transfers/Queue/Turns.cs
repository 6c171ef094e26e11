namespace Godwit.Transfers.Queue;

/// <summary>So many files at once, whoever moves them: transfers that share one object take turns at it, in the order in which they ask. The number may
/// change at any moment; who has a place keeps it.</summary>
/// <param name="places">Places, above zero; null for no limit.</param>
public sealed class Turns(int? places)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private int? _places = places;
    private int _taken;

    /// <summary>Places, above zero; null for no limit.</summary>
    public int? Places
    {
        get
        {
            lock (_lock)
            {
                return _places;
            }
        }

        set
        {
            lock (_lock)
            {
                _places = value;
                Serve();
            }
        }
    }

    /// <summary>Places that are taken.</summary>
    public int Taken
    {
        get
        {
            lock (_lock)
            {
                return _taken;
            }
        }
    }

    /// <summary>How many wait for one.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Waits for a place, which is given back by <see cref="Return"/>.</summary>
    public async ValueTask TakeAsync(CancellationToken ct)
    {
        LinkedListNode<TaskCompletionSource> waiting;
        lock (_lock)
        {
            waiting = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            Serve();
        }

        try
        {
            await waiting.Value.Task.WaitAsync(ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GiveUp(waiting);
            throw;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Return()
    {
        lock (_lock)
        {
            _taken--;
            Serve();
        }
    }

    private void GiveUp(LinkedListNode<TaskCompletionSource> waiting)
    {
        lock (_lock)
        {
            if (waiting.List is not null)
            {
                _waiting.Remove(waiting);
                return;
            }
        }

        // It got its place in the very moment in which it gave up.
        Return();
    }

    private void Serve()
    {
        while (_waiting.First is { } next && (_places is not { } most || _taken < most))
        {
            _waiting.RemoveFirst();
            _taken++;
            next.Value.SetResult();
        }
    }
}
