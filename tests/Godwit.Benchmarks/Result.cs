using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Godwit.Benchmarks;

/// <summary>The runs of one contestant.</summary>
internal sealed record Row(string Name, IReadOnlyList<Figures> Runs)
{
    /// <summary>The run in the middle, by each figure for itself.</summary>
    public double Median(Func<Figures, double> figure)
    {
        double[] sorted = [.. Runs.Select(figure).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>What a scenario gave.</summary>
internal sealed record Result(string Scenario, string Title, IReadOnlyList<Row> Rows)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Every figure, for programs.</summary>
    public static string Json(IReadOnlyList<Result> results) => JsonSerializer.Serialize(results, Indented);

    /// <summary>A table for people. Ratios are of one round's pair, so that a slow minute of the machine meets both sides: their median and
    /// their range.</summary>
    public string Table()
    {
        var text = new StringBuilder($"## {Title}\n\n");
        text.Append("| | wall s (range) | processor s | memory MiB | wall ratio (range) | processor ratio |\n|---|---|---|---|---|---|\n");
        foreach (Row row in Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Name} | {row.Median(run => run.Wall):F2} ({row.Runs.Min(run => run.Wall):F2}-{row.Runs.Max(run => run.Wall):F2})");
            text.Append(CultureInfo.InvariantCulture, $" | {row.Median(run => run.Processor):F2} | {row.Runs.Max(run => run.MemoryKib) / 1024}");
            Row ratios = AgainstFirst(row);
            text.Append(CultureInfo.InvariantCulture, $" | {ratios.Median(run => run.Wall):F2} ({ratios.Runs.Min(run => run.Wall):F2}-{ratios.Runs.Max(run => run.Wall):F2})");
            text.Append(CultureInfo.InvariantCulture, $" | {ratios.Median(run => run.Processor):F2} |\n");
        }

        return text.ToString();
    }

    private Row AgainstFirst(Row row) => row with
    {
        Runs = [.. row.Runs.Zip(Rows[0].Runs, (mine, first) => new Figures(mine.Wall / first.Wall, mine.Processor / Math.Max(first.Processor, 0.01), 0))],
    };
}
