namespace Godwit.Server.Schedules;

/// <summary>When a schedule fires, by the clock on the wall: the five fields of cron (minute, hour, day of the month, month, day of the week), or one of
/// <c>@hourly</c>, <c>@daily</c>, <c>@midnight</c>, <c>@weekly</c>, <c>@monthly</c>, <c>@yearly</c>, <c>@annually</c>.</summary>
/// <remarks>As in cron, 0 and 7 are both Sunday, and where both days are said, either will do.</remarks>
public sealed class CronExpression
{
    // The 29th of February is eight years away where a century leaves it out.
    private const int DaysAhead = 366 * 9;

    private static readonly CronField s_minute = new("minute", 0, 59);
    private static readonly CronField s_hour = new("hour", 0, 23);
    private static readonly CronField s_day = new("day of the month", 1, 31);

    private static readonly CronField s_month = new("month", 1, 12)
    {
        Names = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    };

    private static readonly CronField s_weekday = new("day of the week", 0, 7) { Names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };

    private static readonly Dictionary<string, string> s_named = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    };

    private readonly ulong _days;
    private readonly ulong _months;
    private readonly ulong _weekdays;
    private readonly bool _isEitherDay;

    private CronExpression(string text, string[] fields)
    {
        Text = text;
        (ulong minutes, ulong hours) = (s_minute.Read(fields[0]), s_hour.Read(fields[1]));
        (_days, _months) = (s_day.Read(fields[2]), s_month.Read(fields[3]));
        ulong weekdays = s_weekday.Read(fields[4]);
        _weekdays = weekdays | (weekdays >> 7);
        _isEitherDay = !fields[2].StartsWith('*') && !fields[4].StartsWith('*');
        TimesOfDay = [.. Enumerable.Range(0, 24).Where(hour => Has(hours, hour))
            .SelectMany(hour => Enumerable.Range(0, 60).Where(minute => Has(minutes, minute)).Select(minute => new TimeOnly(hour, minute)))];
    }

    /// <summary>The expression as it was written.</summary>
    public string Text { get; }

    /// <summary>The times of day at which it fires, in order.</summary>
    public IReadOnlyList<TimeOnly> TimesOfDay { get; }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="FormatException">It is none, or never fires; the message says what is wrong.</exception>
    public static CronExpression Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string spelt = text.Trim();
        if (spelt.StartsWith('@'))
        {
            spelt = s_named.GetValueOrDefault(spelt) ?? throw new FormatException($"\"{spelt}\" is not known: write one of {string.Join(", ", s_named.Keys)}, or five fields");
        }

        string[] fields = spelt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
        {
            throw new FormatException($"it has {fields.Length} fields, not five: minute, hour, day of the month, month, day of the week, such as \"0 2 * * *\"");
        }

        var read = new CronExpression(text.Trim(), fields);
        return read.After(new DateTime(2000, 1, 1)).Any() ? read : throw new FormatException("it never fires: no month has such a day");
    }

    /// <summary>The times after a time, by the clock on the wall, in order: as far as some years ahead.</summary>
    public IEnumerable<DateTime> After(DateTime time)
    {
        DateTime last = time.Date > DateTime.MaxValue.AddDays(-DaysAhead) ? DateTime.MaxValue.Date : time.Date.AddDays(DaysAhead);
        for (DateTime day = time.Date; day < last; day = day.AddDays(1))
        {
            if (!IsDay(day))
            {
                continue;
            }

            foreach (TimeOnly at in TimesOfDay)
            {
                if (day + at.ToTimeSpan() > time)
                {
                    yield return day + at.ToTimeSpan();
                }
            }
        }
    }

    private static bool Has(ulong bits, int value) => (bits & (1UL << value)) != 0;

    private bool IsDay(DateTime day)
    {
        (bool isDay, bool isWeekday) = (Has(_days, day.Day), Has(_weekdays, (int)day.DayOfWeek));
        return Has(_months, day.Month) && (_isEitherDay ? isDay || isWeekday : isDay && isWeekday);
    }
}
