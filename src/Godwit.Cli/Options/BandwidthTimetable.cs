using System.Globalization;

namespace Godwit.Cli.Options;

/// <summary>How many bytes a second may pass, by the hour of the week in the machine's local time: one rate, or a timetable such as
/// <c>08:00,10MiB 18:00,50MiB Sat-00:00,off</c>. Each entry holds until the next one, over midnight and over the week's end.</summary>
internal sealed class BandwidthTimetable
{
    private const int DayMinutes = 24 * 60;

    // Other programs take such a number for KiB, and no line is that slow.
    private const long LeastWithoutUnit = 1024;

    // The minutes of the week, ascending, and the rate from then on; null for no limit.
    private readonly (int Minute, long? Rate)[] _table;

    private BandwidthTimetable((int Minute, long? Rate)[] table) => _table = table;

    /// <summary>Reads one rate or a timetable.</summary>
    /// <exception cref="FormatException">It is none; the message says what is.</exception>
    public static BandwidthTimetable Parse(string text) => new(TableOf(text));

    /// <summary>Bytes a second at a moment; null for no limit.</summary>
    /// <param name="local">The moment, in local time.</param>
    public long? RateAt(DateTimeOffset local)
    {
        int minute = ((int)local.DayOfWeek * DayMinutes) + (local.Hour * 60) + local.Minute;
        return _table.LastOrDefault(entry => entry.Minute <= minute, _table[^1]).Rate;
    }

    private static (int Minute, long? Rate)[] TableOf(string text)
    {
        string[] words = text.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            throw new FormatException("write bytes a second, such as 50MiB, or a timetable such as \"08:00,10MiB 18:00,off\"");
        }

        if (words is [var rate] && !rate.Contains(',', StringComparison.Ordinal))
        {
            return [(0, RateOf(rate))];
        }

        var daily = new Dictionary<int, long?>();
        var weekly = new Dictionary<int, long?>();
        foreach (string word in words)
        {
            (int? day, int minute, long? limit) = EntryOf(word);
            if (!(day is null ? daily : weekly).TryAdd(minute + (day ?? 0) * DayMinutes, limit))
            {
                throw new FormatException($"\"{word}\" is the second entry of its time; leave out one");
            }
        }

        // A day's own entry goes before that of every day.
        var all = new Dictionary<int, long?>(weekly);
        foreach ((int minute, long? limit) in daily)
        {
            for (int day = 0; day < 7; day++)
            {
                all.TryAdd(minute + (day * DayMinutes), limit);
            }
        }

        return [.. all.OrderBy(entry => entry.Key).Select(entry => (entry.Key, entry.Value))];
    }

    private static (int? Day, int Minute, long? Rate) EntryOf(string word)
    {
        string[] sides = word.Split(',');
        string[] when = sides[0].Split('-');
        DayOfWeek? day = when.Length == 2 ? DayOf(when[0]) : null;
        if (sides.Length != 2 || when.Length > 2 || (when.Length == 2 && day is null)
            || !TimeOnly.TryParseExact(when[^1], ["HH:mm", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time))
        {
            throw new FormatException($"\"{word}\" is no entry of a timetable; write HH:MM,RATE or Mon-HH:MM,RATE");
        }

        return ((int?)day, (time.Hour * 60) + time.Minute, RateOf(sides[1]));
    }

    private static DayOfWeek? DayOf(string text) =>
        Enum.GetValues<DayOfWeek>().Cast<DayOfWeek?>().FirstOrDefault(day => day!.Value.ToString()[..3].Equals(text, StringComparison.OrdinalIgnoreCase));

    private static long? RateOf(string text)
    {
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        long size = SizeText.Parse(text);
        return size <= 0 ? throw new FormatException("write more than 0 bytes a second, or off for no limit")
            : size < LeastWithoutUnit && text.All(char.IsAsciiDigit) ? throw new FormatException(
                $"\"{text}\" would be {text} bytes a second, as a number without a unit is in bytes; write {text}M for MiB, {text}K for KiB, or {text}B if bytes are meant")
            : size;
    }
}
