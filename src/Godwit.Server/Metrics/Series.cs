using System.Collections.Concurrent;

namespace Godwit.Server.Metrics;

/// <summary>The numbers of one metric, by the values of its labels.</summary>
/// <param name="metric">The metric.</param>
/// <param name="isObserved">Whether its numbers are asked for when they are read, and not added up.</param>
internal sealed class Series(Metric metric, bool isObserved)
{
    private readonly ConcurrentDictionary<string[], Cell> _cells = new(new LabelValues());

    /// <summary>The metric.</summary>
    public Metric Metric => metric;

    /// <summary>Whether its numbers are asked for when they are read.</summary>
    public bool IsObserved => isObserved;

    /// <summary>Each series, by its labels' values.</summary>
    public IEnumerable<KeyValuePair<string[], Cell>> InOrder =>
        _cells.OrderBy(cell => cell.Key, Comparer<string[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other)));

    /// <summary>The sum over all its series; of a histogram, nothing.</summary>
    public double Sum => _cells.Values.Sum(cell => cell is CountCell count ? count.Sum : cell is ValueCell value ? value.Value : 0);

    /// <summary>Takes a measurement in.</summary>
    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        ConcurrentDictionary<string[], Cell>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> found =
            _cells.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        if (!found.TryGetValue(tags, out Cell? cell))
        {
            found.TryAdd(tags, Cell.Of(metric, isObserved));
            cell = found[tags];
        }

        cell.Take(value);
    }

    /// <summary>Forgets what was observed: what is not any more is not told.</summary>
    public void Clear() => _cells.Clear();
}
