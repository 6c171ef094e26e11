using System.Text.RegularExpressions;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Schedules;

/// <summary>The moments at which a schedule fires: its expression, in its time zone. A time of the clock that is left out when summer comes fires once, right after the gap; one that comes
/// twice when summer goes fires the first time.</summary>
public sealed partial class ScheduleTimes
{
    // Each looks further back than the one before, so that it costs little to find the last of many.
    private static readonly TimeSpan[] s_back = [TimeSpan.FromHours(2), TimeSpan.FromDays(2), TimeSpan.FromDays(40), TimeSpan.FromDays(366 * 9)];

    private ScheduleTimes(CronExpression cron, TimeZoneInfo zone, DayWindow? window) => (Cron, Zone, Window) = (cron, zone, window);

    /// <summary>The expression.</summary>
    public CronExpression Cron { get; }

    /// <summary>The time zone.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>The part of the day in which transfers go on; null for all of it.</summary>
    public DayWindow? Window { get; }

    /// <summary>The times of a schedule of the ledger.</summary>
    /// <exception cref="FormatException">This machine does not know its time zone, or it was written by something else.</exception>
    public static ScheduleTimes Of(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return new ScheduleTimes(CronExpression.Parse(schedule.Cron), ZoneOf(schedule.Zone), schedule.Window is { } window ? DayWindow.Parse(window) : null);
    }

    /// <summary>The time zone of a name of IANA's database.</summary>
    /// <exception cref="FormatException">There is none; the message says what to write.</exception>
    public static TimeZoneInfo ZoneOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "UTC")
        {
            return TimeZoneInfo.Utc;
        }

        try
        {
            if (ZoneName().IsMatch(name) && !IsOfMachine(name) && TimeZoneInfo.FindSystemTimeZoneById(name) is { HasIanaId: true } zone)
            {
                return zone;
            }
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            // Said below, as of a name of another form.
        }

        throw new FormatException($"\"{name}\" is no time zone that this machine knows: write a name of IANA's database, such as Europe/Zurich or UTC");
    }

    /// <summary>What the machine's files of zones hold beside IANA's names: other clocks, or what its administrator chose.</summary>
    private static bool IsOfMachine(string name) =>
        name is "posixrules" or "localtime" or "Factory" || name.StartsWith("right/", StringComparison.Ordinal) || name.StartsWith("posix/", StringComparison.Ordinal);

    /// <summary>The first time of day at which it fires and that is not in its window; null where all are.</summary>
    public TimeOnly? OutsideWindow() => Window is { } window ? Cron.TimesOfDay.Where(time => !window.Holds(time)).Select(time => (TimeOnly?)time).FirstOrDefault() : null;

    /// <summary>The moments after a moment, in order, each once.</summary>
    public IEnumerable<DateTimeOffset> After(DateTimeOffset moment)
    {
        DateTimeOffset last = moment;
        foreach (DateTime wall in Cron.After(TimeZoneInfo.ConvertTime(moment, Zone).DateTime))
        {
            // Several times of one gap are the same moment, and what comes twice may have passed.
            DateTimeOffset next = MomentOf(wall);
            if (next > last)
            {
                yield return last = next;
            }
        }
    }

    /// <summary>The last moment after one and up to another; null where there is none.</summary>
    public DateTimeOffset? Last(DateTimeOffset after, DateTimeOffset upTo)
    {
        foreach (TimeSpan back in s_back)
        {
            DateTimeOffset from = upTo - back > after ? upTo - back : after;
            DateTimeOffset? last = After(from).TakeWhile(moment => moment <= upTo).Select(moment => (DateTimeOffset?)moment).LastOrDefault();
            if (last is not null || from == after)
            {
                return last;
            }
        }

        return null;
    }

    /// <summary>Whether transfers may go on at a moment.</summary>
    public bool IsOpen(DateTimeOffset moment) => Window is not { } window || window.Holds(TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, Zone).DateTime));

    /// <summary>When the window opens or closes next, at the latest a day from a moment; null where it is always open.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset moment)
    {
        if (Window is not { } window)
        {
            return null;
        }

        DateTime today = TimeZoneInfo.ConvertTime(moment, Zone).Date;
        return Enumerable.Range(0, 3)
            .SelectMany(day => new[] { today.AddDays(day) + window.From.ToTimeSpan(), today.AddDays(day) + window.To.ToTimeSpan() })
            .Select(MomentOf).Where(change => change > moment).Min();
    }

    /// <summary>The moment of a time of the clock on the wall.</summary>
    private DateTimeOffset MomentOf(DateTime wall)
    {
        while (Zone.IsInvalidTime(wall))
        {
            wall = wall.AddMinutes(1);
        }

        TimeSpan offset = Zone.IsAmbiguousTime(wall) ? Zone.GetAmbiguousTimeOffsets(wall).Max() : Zone.GetUtcOffset(wall);
        return new DateTimeOffset(wall, offset).ToUniversalTime();
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*\z")]
    private static partial Regex ZoneName();
}
