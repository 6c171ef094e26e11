using System.Globalization;

namespace Godwit.Server.Schedules;

/// <summary>A part of every day, by the clock on the wall, such as <c>22:00-06:00</c>. Its end is not in it.</summary>
/// <param name="From">When it begins.</param>
/// <param name="To">When it ends; before its beginning where it goes on past midnight.</param>
public readonly record struct DayWindow(TimeOnly From, TimeOnly To)
{
    /// <summary>Reads a window.</summary>
    /// <exception cref="FormatException">It is none; the message says what to write.</exception>
    public static DayWindow Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] ends = text.Split('-');
        return ends.Length == 2 && TimeOf(ends[0]) is { } from && TimeOf(ends[1]) is { } to && from != to
            ? new DayWindow(from, to)
            : throw new FormatException("write two different times of day, such as 22:00-06:00");
    }

    /// <summary>Whether a time of day is in it.</summary>
    public bool Holds(TimeOnly time) => time.IsBetween(From, To);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From:HH:mm}-{To:HH:mm}");

    private static TimeOnly? TimeOf(string text) =>
        TimeOnly.TryParseExact(text.Trim(), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time) ? time : null;
}
