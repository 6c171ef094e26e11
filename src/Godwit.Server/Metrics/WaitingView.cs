using Godwit.Server.Queue;

namespace Godwit.Server.Metrics;

/// <summary>What waits in a queue, for whoever looks from another thread.</summary>
/// <param name="time">The clock.</param>
internal sealed class WaitingView(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byAge = new();
    private readonly Dictionary<(EndpointPair, int), int> _counts = [];
    private int _blocked;

    /// <summary>A transfer waits for its turn. One that did already keeps its age.</summary>
    public void Add(WaitingTransfer transfer)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(transfer.Id, out LinkedListNode<Entry>? node))
            {
                Count(node.Value.Transfer, -1);
                node.Value = node.Value with { Transfer = transfer };
            }
            else
            {
                _entries.Add(transfer.Id, _byAge.AddLast(new Entry(transfer, time.GetTimestamp())));
            }

            Count(transfer, 1);
        }
    }

    /// <summary>It waits no more. Nothing of that id is no error.</summary>
    public void Remove(string id)
    {
        lock (_lock)
        {
            if (_entries.Remove(id, out LinkedListNode<Entry>? node))
            {
                _byAge.Remove(node);
                Count(node.Value.Transfer, -1);
            }
        }
    }

    /// <summary>So many wait for something other than their turn.</summary>
    public void Block(int transfers) => Volatile.Write(ref _blocked, transfers);

    /// <summary>What waits now.</summary>
    /// <param name="active">The links of what goes on.</param>
    public QueueState Read(IReadOnlyList<EndpointPair> active)
    {
        lock (_lock)
        {
            TimeSpan oldest = _byAge.First is { } first ? time.GetElapsedTime(first.Value.Since) : TimeSpan.Zero;
            return new QueueState(_counts.ToDictionary(), oldest, Volatile.Read(ref _blocked), active);
        }
    }

    private void Count(WaitingTransfer transfer, int change)
    {
        (EndpointPair, int) place = (transfer.Link, transfer.Priority);
        _counts[place] = _counts.GetValueOrDefault(place) + change;
    }

    private sealed record Entry(WaitingTransfer Transfer, long Since);
}
