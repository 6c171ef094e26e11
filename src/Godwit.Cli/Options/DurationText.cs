using System.Globalization;

namespace Godwit.Cli.Options;

/// <summary>Spans of time as people write and read them.</summary>
internal static class DurationText
{
    /// <summary>The longest that a service waits for anything: added to any time of its clock it is still a time.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>The span of <c>60s</c>, <c>1h30m</c>, <c>7d</c>, <c>250ms</c>.</summary>
    /// <exception cref="FormatException">It is not a span of time; the message says what is.</exception>
    public static TimeSpan Parse(string text) => SecondsOf(text) is var seconds && seconds <= TimeSpan.MaxValue.TotalSeconds / 2
        ? TimeSpan.FromSeconds(seconds)
        : throw new FormatException("it is longer than Godwit can count");

    /// <summary>As <see cref="Parse"/>, not shorter than what is said, and not longer than <see cref="Longest"/>.</summary>
    /// <exception cref="FormatException">It is not a span of time, too short, or too long; the message says what to write.</exception>
    public static TimeSpan Between(string text, TimeSpan least) => SecondsOf(text) is var seconds && seconds > Longest.TotalSeconds
        ? throw new FormatException($"write at most {Written(Longest)}")
        : TimeSpan.FromSeconds(seconds) is var span && span >= least ? span : throw new FormatException($"write at least {Written(least)}");

    /// <summary>A whole number of seconds, minutes, hours or days, as it is written: <c>90d</c>, <c>24h</c>, <c>20s</c>.</summary>
    public static string Written(TimeSpan span) => (span.Ticks % TimeSpan.TicksPerDay, span.Ticks % TimeSpan.TicksPerHour, span.Ticks % TimeSpan.TicksPerMinute) switch
    {
        (0, _, _) => $"{(long)span.TotalDays}d",
        (_, 0, _) => $"{(long)span.TotalHours}h",
        (_, _, 0) => $"{(long)span.TotalMinutes}m",
        _ => $"{(long)span.TotalSeconds}s",
    };

    /// <summary>A span for people: <c>1h02m</c>, <c>3m05s</c>, <c>4.2s</c>.</summary>
    public static string Show(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => $"{(int)span.TotalDays}d{span.Hours:00}h",
        { TotalHours: >= 1 } => $"{span.Hours}h{span.Minutes:00}m",
        { TotalMinutes: >= 1 } => $"{span.Minutes}m{span.Seconds:00}s",
        { TotalSeconds: >= 10 } => $"{span.TotalSeconds:0}s",
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0}s"),
    };

    private static double SecondsOf(string text)
    {
        double seconds = 0;
        for (int at = 0; at < text.Length || at == 0;)
        {
            string digits = new([.. text.Skip(at).TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
            string unit = new([.. text.Skip(at + digits.Length).TakeWhile(char.IsAsciiLetter)]);
            at += digits.Length + unit.Length;
            double? factor = unit switch
            {
                "ms" => 0.001,
                "s" => 1,
                "m" => 60,
                "h" => 3600,
                "d" => 86_400,
                "w" => 604_800,
                _ => null,
            };
            if (factor is null || !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            {
                throw new FormatException("write a time such as 60s, 1h30m or 7d");
            }

            seconds += number * factor.Value;
        }

        return seconds;
    }
}
