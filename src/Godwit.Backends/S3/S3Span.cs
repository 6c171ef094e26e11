using System.Globalization;

namespace Godwit.Backends.S3;

/// <summary>Spans of time in findings.</summary>
internal static class S3Span
{
    /// <summary>From now: <c>in 3 days</c>, <c>2 hours ago</c>.</summary>
    public static string Show(TimeSpan left) => left < TimeSpan.Zero ? $"{Length(-left)} ago" : $"in {Length(left)}";

    /// <summary>How long: <c>40 days</c>, <c>3 hours</c>, <c>5 minutes</c>.</summary>
    public static string Length(TimeSpan span)
    {
        (double number, string unit) = span switch
        {
            { TotalDays: >= 2 } => (span.TotalDays, "days"),
            { TotalHours: >= 2 } => (span.TotalHours, "hours"),
            { TotalMinutes: >= 2 } => (span.TotalMinutes, "minutes"),
            _ => (span.TotalSeconds, "seconds"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(number)} {unit}");
    }
}
