using System.Globalization;
using System.Text;

namespace Godwit.Server.Metrics;

/// <summary>Writes numbers in the text format of Prometheus, version 0.0.4.</summary>
internal sealed class PrometheusText
{
    /// <summary>What the answer's Content-Type says.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>A metric with all its series.</summary>
    public void Add(Series series)
    {
        Metric metric = series.Metric;
        Head(metric.Name, metric.Kind, metric.Help);
        foreach ((string[] values, Cell cell) in series.InOrder)
        {
            Add(metric, values, cell);
        }
    }

    /// <summary>A metric with all its series once more, under another name.</summary>
    public void Add(string name, string help, Series series)
    {
        Head(name, series.Metric.Kind, help);
        foreach ((string[] values, Cell cell) in series.InOrder)
        {
            Line(name, series.Metric.Labels, values, cell is CountCell count ? count.Sum : 0);
        }
    }

    /// <summary>A metric without labels.</summary>
    public void Add(string name, MetricKind kind, string help, double value)
    {
        Head(name, kind, help);
        Line(name, [], [], value);
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private void Add(Metric metric, string[] values, Cell cell)
    {
        switch (cell)
        {
            case HistogramCell histogram:
                AddHistogram(metric, values, histogram);
                break;
            case CountCell count:
                Line(metric.Name, metric.Labels, values, count.Sum);
                break;
            case ValueCell value:
                Line(metric.Name, metric.Labels, values, value.Value);
                break;
        }
    }

    private void AddHistogram(Metric metric, string[] values, HistogramCell cell)
    {
        IReadOnlyList<long> counts = cell.Cumulated();
        for (int bucket = 0; bucket < counts.Count; bucket++)
        {
            string bound = bucket < metric.Bounds.Count ? Number(metric.Bounds[bucket]) : "+Inf";
            Line(metric.Name + "_bucket", [.. metric.Labels, "le"], [.. values, bound], counts[bucket]);
        }

        Line(metric.Name + "_sum", metric.Labels, values, cell.Sum);
        Line(metric.Name + "_count", metric.Labels, values, counts[^1]);
    }

    private void Head(string name, MetricKind kind, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(Escape(help, inQuotes: false)).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(kind.ToString().ToLowerInvariant()).Append('\n');

    private void Line(string name, IReadOnlyList<string> labels, IReadOnlyList<string> values, double value)
    {
        _text.Append(name);
        for (int label = 0; label < values.Count; label++)
        {
            _text.Append(label == 0 ? '{' : ',').Append(labels[label]).Append("=\"").Append(Escape(values[label], inQuotes: true)).Append('"');
        }

        _text.Append(values.Count > 0 ? "} " : " ").Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string text, bool inQuotes)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return inQuotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
