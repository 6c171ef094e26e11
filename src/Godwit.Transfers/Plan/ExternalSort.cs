namespace Godwit.Transfers.Plan;

/// <summary>How items are written to a scratch stream and read back.</summary>
internal interface IScratchCodec<T>
{
    void Write(BinaryWriter writer, T item);

    T Read(BinaryReader reader);
}

/// <summary>Opens a scratch stream that can be read and written and is gone once it is disposed.</summary>
public delegate Stream OpenScratch();

/// <summary>
/// Sorts any number of items in bounded memory: up to <paramref name="limit"/> items are kept, more are written to scratch streams
/// in sorted runs and merged when read.
/// </summary>
internal sealed class ExternalSort<T>(Comparison<T> order, IScratchCodec<T> codec, OpenScratch openScratch, int limit) : IDisposable
{
    private readonly List<Stream> _runs = [];
    private List<T> _items = [];

    /// <summary>How many runs were written to scratch.</summary>
    public int SpilledRuns => _runs.Count;

    public void Add(T item)
    {
        _items.Add(item);
        if (_items.Count >= limit)
        {
            Spill();
        }
    }

    /// <summary>All items in order; equal ones in the order of their runs. Enumerate one at a time, after the last was added.</summary>
    public IEnumerable<T> InOrder()
    {
        _items.Sort(order);
        return _runs.Count == 0 ? _items : Merge();
    }

    public void Dispose()
    {
        foreach (Stream run in _runs)
        {
            run.Dispose();
        }

        _runs.Clear();
    }

    private void Spill()
    {
        _items.Sort(order);
        Stream run = openScratch();
        _runs.Add(run);
        using var writer = new BinaryWriter(run, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(_items.Count);
        foreach (T item in _items)
        {
            codec.Write(writer, item);
        }

        writer.Flush();
        run.Position = 0;
        _items = [];
    }

    private IEnumerable<T> Merge()
    {
        var heads = new List<IEnumerator<T>>();
        var queue = new PriorityQueue<int, (T Item, int Run)>(Comparer<(T Item, int Run)>.Create(
            (a, b) => order(a.Item, b.Item) is var c && c != 0 ? c : a.Run.CompareTo(b.Run)));
        foreach (IEnumerable<T> run in _runs.Select(ReadRun).Append(_items))
        {
            IEnumerator<T> head = run.GetEnumerator();
            heads.Add(head);
            Enqueue(heads.Count - 1);
        }

        while (queue.TryDequeue(out int run, out (T Item, int Run) next))
        {
            Enqueue(run);
            yield return next.Item;
        }

        void Enqueue(int run)
        {
            if (heads[run].MoveNext())
            {
                queue.Enqueue(run, (heads[run].Current, run));
            }
        }
    }

    private IEnumerable<T> ReadRun(Stream run)
    {
        run.Position = 0;
        using var reader = new BinaryReader(run, System.Text.Encoding.UTF8, leaveOpen: true);
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            yield return codec.Read(reader);
        }
    }
}
