using System.Globalization;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Server.Notices;
using Godwit.Server.Staging;

namespace Godwit.Cli.Commands;

/// <summary>A setting in force.</summary>
internal sealed record ConfigRow(string Key, ConfiguredValue Value);

/// <summary>The settings in force of one endpoint, of the defaults, or of somebody who makes transfers ready.</summary>
internal sealed record ConfigSection(string Name, IReadOnlyList<ConfigRow> Rows)
{
    /// <summary>Under which key of the configuration it stands; empty for an endpoint, and for the defaults.</summary>
    public string Group { get; init; } = "";

    /// <summary>What stands above its settings.</summary>
    public string Title => Group.Length == 0 ? Name : $"{Group} {Name}";
}

/// <summary>The settings in force of somebody who makes transfers ready, without his secret.</summary>
internal static class StagerSection
{
    /// <summary>The section.</summary>
    /// <param name="entry">Who; without a fault.</param>
    /// <param name="everything">Also what nobody set.</param>
    public static ConfigSection Of(StagerEntry entry, bool everything)
    {
        ConfigRow[] rows =
        [
            new("url", Said(WebhookTarget.NameOf(entry.Url!) + (entry.Url!.Query.Length > 0 ? "?***" : ""))),
            new("secret", new ConfiguredValue(entry.Secret!.ToString(), entry.Secret.Origin)),
            new("at-once", entry.AtOnce is { } number ? Said(Show(number)) : Usual(Show(StagerRule.UsualAtOnce))),
            new("time-limit", entry.Limit is { } limit ? Said(DurationText.Written(limit)) : Usual(DurationText.Written(StagerRule.UsualLimit))),
            .. entry.Places.Count > 0 ? new[] { new ConfigRow("places", Said(string.Join(", ", entry.Places))) } : [],
            .. entry.Projects is { } projects ? new[] { new ConfigRow("projects", Said(string.Join(", ", projects))) } : [],
            .. entry.Files.Select(one => new ConfigRow(one.Key, one.File)),
        ];
        return new ConfigSection(entry.Name, [.. rows.Where(row => everything || row.Value.Origin != "default")]) { Group = $"{StagerEntry.KindOf(entry.Stage)}s" };

        ConfiguredValue Said(string text) => new(text, entry.Origin);
    }

    private static ConfiguredValue Usual(string text) => new(text, "default");

    private static string Show(int number) => number.ToString(CultureInfo.InvariantCulture);
}
