using System.Globalization;

namespace Godwit.Server.Runs;

/// <summary>Spans of time as the configuration writes them.</summary>
internal static class SpanText
{
    /// <summary>A span in its largest units: <c>14d</c>, <c>1h30m</c>, <c>20s</c>.</summary>
    public static string Of(TimeSpan span)
    {
        (int Amount, string Unit)[] parts = [(span.Days, "d"), (span.Hours, "h"), (span.Minutes, "m"), (span.Seconds, "s")];
        string text = string.Concat(parts.Where(part => part.Amount > 0).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Amount}{part.Unit}")));
        return text.Length > 0 ? text : "less than a second";
    }
}
