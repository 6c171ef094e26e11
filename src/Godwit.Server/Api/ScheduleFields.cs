using System.Text.Json;
using System.Text.RegularExpressions;
using Godwit.Server.Schedules;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Api;

/// <summary>What the fields mean of a schedule that is made or changed.</summary>
internal static partial class ScheduleFields
{
    private const int LongestCron = 200;

    /// <summary>Those that say when it fires.</summary>
    public static readonly IReadOnlyList<string> OfTimes = ["cron", "zone", "window", "missed", "enabled"];

    /// <summary>The name; null where it is none, which is told.</summary>
    public static string? Name(JsonElement body, FieldFaults malformed)
    {
        string? name = JsonText.Text(body, "", "name", true, malformed);
        if (name is not null && !GoodName().IsMatch(name))
        {
            malformed.Add("name", "It has 1 to 100 letters, digits, dots, dashes or underscores, and begins with a letter or a digit.");
        }

        return name;
    }

    /// <summary>A schedule with what a body says of when it fires; what is missing stays. What is wrong is told.</summary>
    public static Schedule Times(JsonElement body, Schedule schedule, FieldFaults malformed, FieldFaults refused)
    {
        string? zone = JsonText.Text(body, "", "zone", false, malformed);
        string? window = JsonText.Text(body, "", "window", false, malformed);
        string? missed = JsonText.Text(body, "", "missed", false, malformed);
        if (missed is not (null or "run" or "skip"))
        {
            malformed.Add("missed", "It is run or skip.");
        }

        Schedule wish = schedule with
        {
            Cron = JsonText.Text(body, "", "cron", schedule.Cron.Length == 0, malformed)?.Trim() ?? schedule.Cron,
            Zone = zone ?? schedule.Zone,
            Window = body.TryGetProperty("window", out _) ? window : schedule.Window,
            SkipsMissed = missed is null ? schedule.SkipsMissed : missed == "skip",
            IsEnabled = Flag(body, "enabled", malformed) ?? schedule.IsEnabled,
        };
        if (!malformed.IsEmpty)
        {
            return wish;
        }

        Try("cron", refused, () => CronExpression.Parse(wish.Cron.Length <= LongestCron ? wish.Cron : throw new FormatException($"it has more than {LongestCron} characters")));
        Try("zone", refused, () => ScheduleTimes.ZoneOf(wish.Zone));
        Try("window", refused, () => wish.Window is { } text ? DayWindow.Parse(text) : default);
        if (refused.IsEmpty && ScheduleTimes.Of(wish).OutsideWindow() is { } outside)
        {
            refused.Add("window", $"The schedule fires at {outside:HH\\:mm}, which is not within {wish.Window}: change one of them.");
        }

        return wish;
    }

    private static void Try<T>(string field, FieldFaults refused, Func<T> read)
    {
        try
        {
            read();
        }
        catch (FormatException e)
        {
            refused.Add(field, $"{char.ToUpperInvariant(e.Message[0])}{e.Message[1..]}.");
        }
    }

    private static bool? Flag(JsonElement body, string name, FieldFaults faults)
    {
        if (!body.TryGetProperty(name, out JsonElement found) || found.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (found.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            faults.Add(name, "It is true or false.");
        }

        return found.ValueKind == JsonValueKind.True;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex GoodName();
}
