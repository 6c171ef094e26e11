using System.Globalization;
using System.Text.RegularExpressions;
using Godwit.Storage;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>Sizes and ages as people write them.</summary>
public static partial class FilterAmounts
{
    /// <summary>Bytes: <c>100</c>, <c>100B</c>, <c>50k</c>, <c>1.5GiB</c>; K M G T P count by 1,024 as rclone's; KB may mean either
    /// and is refused. A bare number is bytes (rclone means KiB).</summary>
    /// <exception cref="FormatException">Not a size, in words that can follow it.</exception>
    public static long Bytes(string text)
    {
        Match match = SizePattern().Match(text);
        if (!match.Success)
        {
            throw new FormatException("is not a size; write 100B, 50KiB, 1.5GiB ...");
        }

        string unit = match.Groups["unit"].Value.ToUpperInvariant();
        int power = unit.Length == 0 ? 0 : "BKMGTP".IndexOf(unit[0], StringComparison.Ordinal);
        decimal bytes = decimal.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * (1L << (10 * power));
        return bytes <= long.MaxValue ? (long)bytes : throw new FormatException("is more bytes than there are");
    }

    /// <summary>
    /// The moment that an age means: <c>60s</c>, <c>36h</c>, <c>1d12h</c>, <c>2w</c>, <c>6M</c>, <c>1y</c> before now (a bare number is
    /// seconds, M is 30 days, y is 365), or a moment as RFC 3339 with its zone, such as <c>2026-03-01T00:00:00Z</c>.
    /// </summary>
    /// <exception cref="FormatException">Not an age, in words that can follow it.</exception>
    public static Timestamp Moment(string text, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (MomentPattern().Match(text) is { Success: true } moment)
        {
            // Apart from the rest: the runtime's moments count by 100 nanoseconds.
            Group fraction = moment.Groups["fraction"];
            string whole = fraction.Success ? text.Remove(fraction.Index - 1, fraction.Length + 1) : text;
            return moment.Groups["zone"].Success
                && DateTimeOffset.TryParse(whole, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset exact)
                ? new Timestamp(Timestamp.From(exact).Nanoseconds + (fraction.Success ? long.Parse(fraction.Value.PadRight(9, '0'), CultureInfo.InvariantCulture) : 0))
                : throw new FormatException("is not a moment with its zone; write 2026-03-01T00:00:00Z or 2026-03-01T00:00:00+01:00");
        }

        Match match = AgePattern().Match(text);
        if (!match.Success || text.Length == 0)
        {
            throw new FormatException("is not an age; write 90s, 36h, 1d12h, 2w, 6M, 1y or 2026-03-01T00:00:00Z");
        }

        decimal seconds = 0;
        for (int i = 0; i < match.Groups["number"].Captures.Count; i++)
        {
            seconds += decimal.Parse(match.Groups["number"].Captures[i].Value, CultureInfo.InvariantCulture)
                * Seconds(match.Groups["unit"].Captures[i].Value);
        }

        decimal nanoseconds = Timestamp.From(now).Nanoseconds - (seconds * 1_000_000_000m);
        return new Timestamp((long)Math.Clamp(nanoseconds, long.MinValue, long.MaxValue));
    }

    private static decimal Seconds(string unit) => unit switch
    {
        "ms" => 0.001m,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        "M" => 30 * 86_400,
        "y" => 365 * 86_400,
        _ => 1,
    };

    [GeneratedRegex(@"\A(?<number>[0-9]{1,18}(?:\.[0-9]{1,9})?)(?<unit>b|[kmgtp](?:ib|i)?)?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SizePattern();

    [GeneratedRegex(@"\A(?:(?<number>[0-9]{1,12}(?:\.[0-9]{1,9})?)(?<unit>ms|[smhdwMy]|\z))+\z")]
    private static partial Regex AgePattern();

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9:]*(?:\.(?<fraction>[0-9]{1,9}))?(?<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?)?\z")]
    private static partial Regex MomentPattern();
}
