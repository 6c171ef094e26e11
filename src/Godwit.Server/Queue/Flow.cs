namespace Godwit.Server.Queue;

/// <summary>Something that gets turns by its weight: each turn costs it the more virtual time the lighter it is, and whoever has used the least is
/// next (start-time fair queueing). Whoever had nothing to do gets no credit for it.</summary>
internal abstract class Flow
{
    /// <summary>Divisible by every weight that is used for priorities; shares are rounded by less than one in a million.</summary>
    protected const long Scale = 1 << 24;

    /// <summary>Virtual time that it has used.</summary>
    public long Used { get; private set; }

    /// <summary>Its place among equals: who began to wait first.</summary>
    public long Order { get; private set; }

    /// <summary>Turns that it gets beside others.</summary>
    public int Weight { get; set; } = 1;

    /// <summary>It waits from now on, after it did not.</summary>
    /// <param name="now">The virtual time of those that it waits among.</param>
    /// <param name="order">Higher than that of all who wait.</param>
    public void Begin(long now, long order) => (Used, Order) = (Math.Max(Used, now), order);

    /// <summary>It had a turn.</summary>
    public void Charge() => Used += Scale / Weight;
}

/// <summary>Flows that wait among each other.</summary>
/// <typeparam name="T">Their kind.</typeparam>
internal sealed class Flows<T>
    where T : Flow
{
    private readonly SortedSet<T> _waiting = new(Comparer<T>.Create(Compare));
    private long _now;
    private long _orders;

    /// <summary>Whether any waits.</summary>
    public bool Any => _waiting.Count > 0;

    /// <summary>Who is next. Somebody waits.</summary>
    public T Next => _waiting.Min!;

    /// <summary>One begins to wait.</summary>
    public void Add(T flow)
    {
        flow.Begin(_now, ++_orders);
        _waiting.Add(flow);
    }

    /// <summary>One has nothing to do any more.</summary>
    public void Remove(T flow) => _waiting.Remove(flow);

    /// <summary>The next one gets its turn.</summary>
    /// <param name="use">Uses it; whether it waits on.</param>
    public void Serve(Func<T, bool> use)
    {
        T next = Next;
        _now = next.Used;
        _waiting.Remove(next);
        next.Charge();
        if (use(next))
        {
            _waiting.Add(next);
        }
    }

    private static int Compare(T? one, T? other)
    {
        int used = one!.Used.CompareTo(other!.Used);
        return used != 0 ? used : one.Order.CompareTo(other.Order);
    }
}
