namespace Godwit.Server.Metrics;

/// <summary>One series' number. Written from many threads without a lock, read at any time.</summary>
internal abstract class Cell
{
    /// <summary>Takes a measurement in.</summary>
    public abstract void Take(double value);

    /// <summary>The cell that a metric's series needs.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="isObserved">Whether what comes is all of the number, and not what is to be added.</param>
    public static Cell Of(Metric metric, bool isObserved) => metric.Kind == MetricKind.Histogram ? new HistogramCell(metric.Bounds)
        : isObserved ? new ValueCell()
        : new CountCell();
}

/// <summary>A sum of whole numbers.</summary>
internal sealed class CountCell : Cell
{
    private long _sum;

    public long Sum => Interlocked.Read(ref _sum);

    public override void Take(double value) => Interlocked.Add(ref _sum, (long)value);
}

/// <summary>The last value.</summary>
internal sealed class ValueCell : Cell
{
    private double _value;

    public double Value => Volatile.Read(ref _value);

    public override void Take(double value) => Volatile.Write(ref _value, value);
}

/// <summary>Counts by size.</summary>
/// <param name="bounds">The upper bounds, rising.</param>
internal sealed class HistogramCell(IReadOnlyList<double> bounds) : Cell
{
    private readonly long[] _counts = new long[bounds.Count + 1];
    private double _sum;

    public double Sum => Volatile.Read(ref _sum);

    /// <summary>How many measurements were not above each bound; the last is all of them.</summary>
    public IReadOnlyList<long> Cumulated()
    {
        long total = 0;
        return [.. Enumerable.Range(0, _counts.Length).Select(bucket => total += Interlocked.Read(ref _counts[bucket]))];
    }

    public override void Take(double value)
    {
        int bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[bucket]);
        double before, after;
        do
        {
            before = Volatile.Read(ref _sum);
            after = before + value;
        }
        while (Interlocked.CompareExchange(ref _sum, after, before) != before);
    }
}
