using System.Globalization;
using Godwit.Server.Schedules;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Schedules;

public sealed class ScheduleTimesTests
{
    [Theory]
    [InlineData("0 2 * * *", "2026-03-01T00:00", "2026-03-01T02:00 2026-03-02T02:00 2026-03-03T02:00")]
    [InlineData("*/15 8-18 * * MON-FRI", "2026-02-27T18:20", "2026-02-27T18:30 2026-02-27T18:45 2026-03-02T08:00")]
    [InlineData("@daily", "2026-02-28T00:00", "2026-03-01T00:00 2026-03-02T00:00 2026-03-03T00:00")]
    [InlineData("5,10 0 1 jan,Jul *", "2026-01-01T00:05", "2026-01-01T00:10 2026-07-01T00:05 2026-07-01T00:10")]
    [InlineData("0 0 13 * 5", "2026-03-01T00:00", "2026-03-06T00:00 2026-03-13T00:00 2026-03-20T00:00")]
    [InlineData("0 0 * * 7", "2026-03-01T00:00", "2026-03-08T00:00 2026-03-15T00:00 2026-03-22T00:00")]
    [InlineData("0 12 29 2 *", "2096-03-01T00:00", "2104-02-29T12:00")]
    [InlineData("1-9/4 3 * * *", "2026-01-01T00:00", "2026-01-01T03:01 2026-01-01T03:05 2026-01-01T03:09")]
    public void An_expression_fires_as_cron_does(string cron, string after, string wanted)
    {
        string[] times = wanted.Split(' ');
        Assert.Equal(times, Of(cron, "UTC").After(At(after)).Take(times.Length).Select(Show));
    }

    [Theory]
    [InlineData("0 2 * *", "4 fields, not five")]
    [InlineData("0 0 2 * * ?", "6 fields, not five")]
    [InlineData("60 * * * *", "\"60\" is no minute")]
    [InlineData("* 24 * * *", "\"24\" is no hour")]
    [InlineData("* * 0 * *", "is no day of the month")]
    [InlineData("* * * FEBR *", "is no month")]
    [InlineData("* * * * FRI-MON", "is no day of the week")]
    [InlineData("*/0 * * * *", "is no minute")]
    [InlineData("5/15 * * * *", "is no minute")]
    [InlineData("1,,2 * * * *", "is no minute")]
    [InlineData("0 0 L * *", "is no day of the month")]
    [InlineData("@reboot", "@daily")]
    [InlineData("0 0 30 2 *", "never fires")]
    [InlineData("", "0 fields")]
    public void What_is_no_expression_is_told(string cron, string told) =>
        Assert.Contains(told, Assert.Throws<FormatException>(() => CronExpression.Parse(cron)).Message, StringComparison.Ordinal);

    // The clocks of Zurich go from 02:00 to 03:00 on 29 March 2026 at 01:00 UTC, and from 03:00 back to 02:00 on 25 October at 01:00 UTC; those of New York on
    // 8 March at 07:00 UTC, and from 02:00 to 01:00 on 1 November at 06:00 UTC.
    [Theory]
    [InlineData("Europe/Zurich", "30 2 * * *", "2026-03-28T00:00", "2026-03-28T01:30 2026-03-29T01:00 2026-03-30T00:30")]
    [InlineData("Europe/Zurich", "*/15 * * * *", "2026-03-29T00:40", "2026-03-29T00:45 2026-03-29T01:00 2026-03-29T01:15")]
    [InlineData("Europe/Zurich", "0 3 * * *", "2026-03-28T12:00", "2026-03-29T01:00 2026-03-30T01:00")]
    [InlineData("Europe/Zurich", "30 2 * * *", "2026-10-24T00:00", "2026-10-24T00:30 2026-10-25T00:30 2026-10-26T01:30")]
    [InlineData("Europe/Zurich", "30 2 * * *", "2026-10-25T00:30", "2026-10-26T01:30")]
    [InlineData("Europe/Zurich", "0 * * * *", "2026-10-25T00:30", "2026-10-25T02:00")]
    [InlineData("America/New_York", "30 2 * * *", "2026-03-07T00:00", "2026-03-07T07:30 2026-03-08T07:00 2026-03-09T06:30")]
    [InlineData("America/New_York", "30 1 * * *", "2026-10-31T00:00", "2026-10-31T05:30 2026-11-01T05:30 2026-11-02T06:30")]
    [InlineData("America/New_York", "30 1 * * *", "2026-11-01T05:30", "2026-11-02T06:30")]
    public void When_the_clocks_change_each_planned_time_fires_once(string zone, string cron, string after, string wanted)
    {
        string[] times = wanted.Split(' ');
        Assert.Equal(times, Of(cron, zone).After(At(after)).Take(times.Length).Select(Show));
    }

    [Theory]
    [InlineData("Europe/Zurich")]
    [InlineData("America/New_York")]
    public void From_wherever_it_is_asked_the_next_time_is_the_same(string zone)
    {
        ScheduleTimes times = Of("7,30 * * * *", zone);
        foreach (string change in (string[])["2026-03-29T00:00", "2026-03-08T06:00", "2026-10-25T00:00", "2026-11-01T04:00"])
        {
            DateTimeOffset[] all = [.. times.After(At(change)).TakeWhile(moment => moment < At(change).AddHours(5))];
            for (DateTimeOffset from = At(change); from < At(change).AddHours(3); from = from.AddMinutes(1))
            {
                Assert.Equal(all.First(moment => moment > from), times.After(from).First());
                Assert.Equal(all.LastOrDefault(moment => moment <= from), times.Last(At(change), from) ?? default);
            }
        }
    }

    [Theory]
    [InlineData("22:00-06:00", "21:59", false)]
    [InlineData("22:00-06:00", "22:00", true)]
    [InlineData("22:00-06:00", "05:59", true)]
    [InlineData("22:00-06:00", "06:00", false)]
    [InlineData("08:00-18:30", "18:29", true)]
    [InlineData("08:00-18:30", "07:59", false)]
    public void A_window_holds_its_beginning_and_not_its_end(string window, string time, bool isIn) =>
        Assert.Equal(isIn, DayWindow.Parse(window).Holds(TimeOnly.ParseExact(time, "HH:mm", CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("22:00")]
    [InlineData("22:00-22:00")]
    [InlineData("22-6")]
    [InlineData("24:00-06:00")]
    public void What_is_no_window_is_told(string window) => Assert.Throws<FormatException>(() => DayWindow.Parse(window));

    [Theory]
    [InlineData("2026-06-01T12:00", "2026-06-01T20:00")]
    [InlineData("2026-06-01T20:00", "2026-06-02T04:00")]
    [InlineData("2026-10-24T22:00", "2026-10-25T05:00")]
    public void A_window_opens_and_closes_by_the_clock_of_its_zone(string from, string change) =>
        Assert.Equal(change, Show(Of("0 23 * * *", "Europe/Zurich", "22:00-06:00").NextChange(At(from))!.Value));

    [Theory]
    [InlineData("Mars/Olympus")]
    [InlineData("W. Europe Standard Time")]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    public void A_time_zone_that_is_none_is_told(string zone) => Assert.Throws<FormatException>(() => ScheduleTimes.ZoneOf(zone));

    private static ScheduleTimes Of(string cron, string zone, string? window = null) =>
        ScheduleTimes.Of(new Schedule("s", "s", "", "", "", "", "", "", default) { Cron = cron, Zone = zone, Window = window });

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text + "Z", CultureInfo.InvariantCulture);

    private static string Show(DateTimeOffset moment) => moment.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
}
