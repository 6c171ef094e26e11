using System.Globalization;

namespace Godwit.Tests.Server.Metrics;

/// <summary>What <c>/metrics</c> told, taken apart.</summary>
/// <param name="text">The answer.</param>
internal sealed class Scrape(string text)
{
    private readonly Dictionary<string, double> _samples = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    public string Text => text;

    /// <summary>The names of all metrics, as their TYPE lines have them.</summary>
    public IReadOnlyList<string> Names => [.. text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];

    /// <summary>A number by its name with labels; null where it is not told.</summary>
    public double? this[string sample] => _samples.TryGetValue(sample, out double value) ? value : null;

    /// <summary>The sum over all labels.</summary>
    public double Sum(string name) => _samples.Where(sample => sample.Key == name || sample.Key.StartsWith(name + "{", StringComparison.Ordinal)).Sum(sample => sample.Value);

    /// <summary>How many series a metric has.</summary>
    public int Count(string name) => _samples.Count(sample => sample.Key == name || sample.Key.StartsWith(name + "{", StringComparison.Ordinal));
}
