namespace Godwit.Server.Metrics;

/// <summary>What kind of number a metric is.</summary>
internal enum MetricKind
{
    /// <summary>It only grows; it begins again with the process.</summary>
    Counter = 0,

    /// <summary>It is as it is now.</summary>
    Gauge,

    /// <summary>Counts by size.</summary>
    Histogram,
}

/// <summary>A metric: what the instrument, the text and the page about it are made from.</summary>
/// <param name="Name">Its name for Prometheus and for OpenTelemetry alike.</param>
/// <param name="Kind">What kind of number it is.</param>
/// <param name="Unit">Its unit as OpenTelemetry writes it: <c>By</c>, <c>s</c>, or one in braces.</param>
/// <param name="Help">What it means, in a sentence or two.</param>
/// <param name="Labels">The names of its labels, in the order in which their values are given.</param>
internal sealed record Metric(string Name, MetricKind Kind, string Unit, string Help, params IReadOnlyList<string> Labels)
{
    /// <summary>The upper bounds of a histogram's buckets; empty for anything else.</summary>
    public IReadOnlyList<double> Bounds { get; init; } = [];
}
