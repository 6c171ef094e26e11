using System.CommandLine;
using System.Text.Json;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Cli.Results;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit config show [NAME]</c>: the settings in force, secrets masked, each with where it comes from.</summary>
internal sealed class ConfigShow
{
    private readonly CommandContext _context;
    private readonly TransferSettings _transfers = new();
    private readonly Argument<string?> _name = new("NAME") { Description = "Only this endpoint.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _origin = SettingOption.Flag("--origin", "Also what nobody set, and where each value comes from.");
    private readonly Option<bool> _json = SettingOption.Flag("--json", "One JSON object, with the origin of each value.");

    private ConfigShow(CommandContext context) => _context = context;

    /// <summary>The command. It takes the options of other commands too, to show what they would change.</summary>
    public static Command Build(CommandContext context)
    {
        var show = new ConfigShow(context);
        var command = new Command("show", "Shows the settings in force; secrets are masked. Option > environment > endpoint > default.")
        {
            show._name, show._origin, show._json,
        };
        foreach (StoreReach reach in context.Wiring.Reaches)
        {
            reach.AddOptionsTo(command);
        }

        foreach (ISetting setting in show._transfers.All)
        {
            command.Add(setting.Option);
        }

        command.SetAction((parsed, _) => show.RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        Wiring wiring = _context.Wiring;
        GodwitConfiguration configuration = wiring.Configuration.InForce(wiring.Environment);
        string? name = parsed.GetValue(_name);
        if (name is not null && configuration.Find(name) is null)
        {
            throw new CommandException(ExitCode.Usage, $"No endpoint is called \"{name}\". {configuration.NearestTo(name)}");
        }

        bool everything = parsed.GetValue(_origin) || parsed.GetValue(_json);
        var source = new SettingSource(parsed, wiring.Environment, configuration.Defaults);
        ConfigSection? defaults = name is not null ? null : new ConfigSection("defaults", Rows(_transfers.All, source, everything));
        ConfigSection[] endpoints =
        [
            .. configuration.Endpoints.Where(endpoint => name is null || endpoint.Name == name)
                .Select(endpoint => new ConfigSection(endpoint.Name, RowsOf(endpoint, configuration, parsed, everything))),
        ];
        ConfigSection[] asked = name is not null ? [] : [.. configuration.AllAsked.Select(entry => StagerSection.Of(entry, everything))];
        if (parsed.GetValue(_json))
        {
            _context.Output.WriteLine(JsonOf(configuration, defaults, endpoints, asked));
            return (int)ExitCode.Success;
        }

        await _context.Output.WriteLineAsync(
            $"# {ArgumentText.Show(configuration.File)}{(configuration.IsThere ? "" : " (not there)")}").ConfigureAwait(false);
        foreach (ConfigSection section in (ConfigSection[])[.. defaults is { Rows.Count: > 0 } ? new[] { defaults } : [], .. endpoints, .. asked])
        {
            await WriteAsync(section, parsed.GetValue(_origin)).ConfigureAwait(false);
        }

        return (int)ExitCode.Success;
    }

    private List<ConfigRow> RowsOf(Endpoint endpoint, GodwitConfiguration configuration, ParseResult parsed, bool everything)
    {
        Wiring wiring = _context.Wiring;
        var limits = new SettingSource(parsed, wiring.Environment, endpoint.Limits, configuration.Defaults);
        StoreReach? reach = wiring.ReachOf(endpoint);
        return
        [
            new ConfigRow("url", endpoint.Url),
            .. reach is null ? [] : Rows(reach.All, reach.SourceOf(endpoint, wiring), everything),
            .. Rows([.. _transfers.All.Where(setting => TransferSettings.Limits.Contains(setting.Key))], limits, everything),
            .. CredentialRows(endpoint),
        ];
    }

    private static List<ConfigRow> Rows(IReadOnlyList<ISetting> settings, SettingSource source, bool everything) =>
        [.. settings.Select(setting => new ConfigRow(setting.Key, source.Find(setting))).Where(row => everything || row.Value.Origin != "default")];

    /// <summary>The references, and where the credential really comes from where that is another question.</summary>
    private IEnumerable<ConfigRow> CredentialRows(Endpoint endpoint) =>
    [
        .. endpoint.Credentials.Select(one => new ConfigRow(one.Key, new ConfiguredValue(one.Value.ToString(), one.Value.Origin))),
        .. _context.Wiring.ReachOf(endpoint)?.CredentialShown(endpoint, _context.Wiring) is { } shown
            ? [new ConfigRow("credential", shown)]
            : Array.Empty<ConfigRow>(),
    ];

    private async Task WriteAsync(ConfigSection section, bool origin)
    {
        await _context.Output.WriteLineAsync($"{section.Title}:").ConfigureAwait(false);
        int width = section.Rows.Select(row => row.Value.Text.Length).Where(length => length <= 60).DefaultIfEmpty(1).Max();
        foreach (ConfigRow row in section.Rows)
        {
            string value = ArgumentText.Show(row.Value.Text);
            string line = origin ? $"  {row.Key,-15} {value.PadRight(width)}  # {ArgumentText.Show(row.Value.Origin)}" : $"  {row.Key,-15} {value}";
            await _context.Output.WriteLineAsync(line).ConfigureAwait(false);
        }
    }

    private static string JsonOf(GodwitConfiguration configuration, ConfigSection? defaults, IEnumerable<ConfigSection> endpoints, IEnumerable<ConfigSection> asked)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, JsonFields.Options))
        {
            json.WriteStartObject();
            json.WriteString("file", configuration.File);
            json.WriteBoolean("there", configuration.IsThere);
            if (defaults is not null)
            {
                Write(json, defaults);
            }

            Write(json, "endpoints", endpoints);
            foreach (IGrouping<string, ConfigSection> group in asked.GroupBy(section => section.Group))
            {
                Write(json, group.Key, group);
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string group, IEnumerable<ConfigSection> sections)
    {
        json.WriteStartObject(group);
        foreach (ConfigSection section in sections)
        {
            Write(json, section);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ConfigSection section)
    {
        json.WriteStartObject(section.Name);
        foreach (ConfigRow row in section.Rows)
        {
            json.WriteStartObject(row.Key);
            json.WriteString("value", row.Value.Text);
            json.WriteString("origin", row.Value.Origin);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
