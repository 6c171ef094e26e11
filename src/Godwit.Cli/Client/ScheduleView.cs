using System.Globalization;
using System.Text.Json;
using Godwit.Server.Schedules;

namespace Godwit.Cli.Client;

/// <summary>A schedule as a service tells it, for people. Times are those of its own time zone.</summary>
/// <param name="json">What the service answers.</param>
internal sealed class ScheduleView(JsonElement json)
{
    /// <summary>One line of a list.</summary>
    public string Line => $"{Text(json, "name")}  {When}  {Text(json, "verb")} {Source} -> {Text(json, "destination")}  {Next}";

    private string Source => Text(json, "source") is { Length: > 0 } source ? source : "(from its stager)";

    private string When => $"\"{Text(json, "cron")}\" {Text(json, "zone")}" + (Text(json, "window") is { Length: > 0 } window ? $" {window}" : "");

    private string Next => !json.GetProperty("enabled").GetBoolean() ? "paused" : Times.Length > 0 ? $"next {Times[0]}" : "";

    private string[] Times => [.. json.GetProperty("next").EnumerateArray().Select(moment => Moment(moment.GetString()!))];

    /// <summary>All that somebody wants to know who looks at it.</summary>
    /// <param name="runs">What became of its times, the newest first.</param>
    public IEnumerable<string> Lines(IReadOnlyList<JsonElement> runs)
    {
        string project = Text(json, "project") is { Length: > 0 } named ? $" of {named}" : "";
        yield return $"{Text(json, "name")}  {Text(json, "id")}  {Text(json, "owner")}{project}";
        yield return $"  {Text(json, "verb")} {Source} -> {Text(json, "destination")}, priority {json.GetProperty("priority").GetInt32()}";
        foreach (JsonProperty option in json.GetProperty("options").EnumerateObject())
        {
            yield return $"  --{option.Name} {string.Join(" ", option.Value.EnumerateArray().Select(value => value.GetString()))}";
        }

        foreach ((string field, string who) in new[] { ("stage", "--stager"), ("prepare", "--preparer") })
        {
            if (json.TryGetProperty(field, out JsonElement asked) && asked.ValueKind == JsonValueKind.Object)
            {
                yield return $"  {who} {Text(asked, "by")}{(Text(asked, "what") is { Length: > 0 } what ? $" --{field} {what}" : "")}";
            }
        }

        yield return $"  {When}, missed: {Text(json, "missed")}";
        yield return Times.Length > 0 ? $"  next: {string.Join(", ", Times)}" : "  paused: it does not fire.";
        foreach (JsonElement run in runs)
        {
            string hand = run.GetProperty("by_hand").GetBoolean() ? ", asked for" : "";
            string rest = string.Concat(new[] { Text(run, "transfer"), Text(run, "why") }.Where(text => text.Length > 0).Select(text => "  " + text));
            yield return $"  {Moment(Text(run, "planned"))}  {Text(run, "end")}{hand}{rest}";
        }
    }

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";

    private string Moment(string text)
    {
        var moment = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        try
        {
            return TimeZoneInfo.ConvertTime(moment, ScheduleTimes.ZoneOf(Text(json, "zone"))).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            // The service knows the zone and this machine does not.
            return moment.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
        }
    }
}
