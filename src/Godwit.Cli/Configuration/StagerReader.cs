using Godwit.Cli.Configuration.Secrets;
using Godwit.Cli.Options;
using Godwit.Server.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Cli.Configuration;

/// <summary>Reads who makes transfers ready: <c>stagers:</c> or <c>preparers:</c>, by name.</summary>
/// <param name="settings">Reads values.</param>
/// <param name="stage">Which of the two.</param>
internal sealed class StagerReader(SettingReader settings, CallStage stage)
{
    private const int LongestName = 100;
    private const int MostAtOnce = 10_000;
    private static readonly string[] s_keys = ["url", "secret", "at-once", "time-limit", "projects", "certificate", "key", "ca"];

    private Faults Faults => settings.Faults;

    private string Kind => StagerEntry.KindOf(stage);

    /// <summary>The entries, in the order of the file.</summary>
    public IReadOnlyList<StagerEntry> Read(YamlNode node) => [.. settings.Pairs(node, $"{Kind}s").Select(pair => One(pair.Key, pair.Value)).OfType<StagerEntry>()];

    private StagerEntry? One(YamlScalar name, YamlNode node)
    {
        if (name.Text.Length is 0 or > LongestName || !name.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            Faults.Add(name.Line, $"\"{name.Text}\" cannot be the name of a {Kind}: write letters, digits, dots, dashes and underscores, {LongestName} at most.");
            return null;
        }

        var entry = new StagerEntry(name.Text, stage) { Origin = settings.Place.Line(name.Line) };
        foreach ((YamlScalar key, YamlNode value) in settings.Pairs(node, entry.Who))
        {
            entry = key.Text switch
            {
                "url" => entry with { Url = CalledAddress.Read(settings, key, value, "requests") },
                "secret" => entry with { Secret = new CredentialReader(settings).Reference(key, value) },
                "at-once" => entry with { AtOnce = One<int?>(key, value, text => AtOnce(text)) },
                "time-limit" => entry with { Limit = One<TimeSpan?>(key, value, text => DurationText.Between(text, TimeSpan.FromSeconds(1))) },
                "places" => entry with { Places = Places(entry, key, value) },
                "projects" => entry with { Projects = Projects(key, value) },
                "certificate" => entry with { Certificate = FileName(key, value) },
                "key" => entry with { Key = FileName(key, value) },
                "ca" => entry with { Ca = FileName(key, value) },
                _ => Unknown(entry, key),
            };
        }

        RequireWhole(entry, name.Line, node is YamlMap map ? [.. map.Pairs.Select(pair => pair.Key.Text)] : []);
        return entry;
    }

    /// <summary>Only what is missing: what is there and wrong was said already.</summary>
    private void RequireWhole(StagerEntry entry, int line, string[] said)
    {
        if (!said.Contains("url"))
        {
            Faults.Add(line, $"{entry.Who} has no url, at which it is asked: write url: https://HOST/PATH.");
        }

        if (!said.Contains("secret"))
        {
            Faults.Add(line, $"{entry.Who} has no secret, by which it tells our requests from anybody's: write secret: {{ file: PATH }} with a line that it knows.");
        }

        if (said.Contains("certificate") != said.Contains("key"))
        {
            string missing = said.Contains("key") ? "certificate" : "key";
            Faults.Add(line, $"{entry.Who} is shown a certificate by two settings, and {missing} is not said: name the file of the certificate and that of its key.");
        }

        if (entry is { Url.Scheme: "http" } && s_keys[^3..].FirstOrDefault(said.Contains) is { } ofTls)
        {
            Faults.Add(line, $"{ofTls} is said of {entry.Who}, whose url is http://, and without TLS there are no certificates: write https://, or leave it out.");
        }
    }

    private StagerEntry Unknown(StagerEntry entry, YamlScalar key)
    {
        Faults.AddUnknown(key, $"in {entry.Who}", stage == CallStage.Stage ? [.. s_keys, "places"] : s_keys);
        return entry;
    }

    private static int AtOnce(string text) =>
        int.TryParse(text, out int number) && number is >= 1 and <= MostAtOnce ? number : throw new FormatException($"write a whole number from 1 to {MostAtOnce}");

    private List<UrlPattern> Places(StagerEntry entry, YamlScalar key, YamlNode value)
    {
        if (stage == CallStage.Prepare)
        {
            Faults.Add(key.Line, $"places is said of {entry.Who}, and only stagers name sources: leave it out.");
            return [];
        }

        return settings.List(key, value, UrlPattern.Parse);
    }

    private List<string> Projects(YamlScalar key, YamlNode value)
    {
        if (value is YamlList { Items.Count: 0 })
        {
            Faults.Add(key.Line, $"projects is an empty list, and nobody could ask this {Kind}. Write the projects, or leave the key out for all.");
        }

        return settings.List(key, value, text => text);
    }

    private ConfiguredValue? FileName(YamlScalar key, YamlNode value) => One<ConfiguredValue?>(
        key, value, text => new ConfiguredValue(settings.Place.Whole(SettingText.FileName(text)), settings.Place.Line(key.Line)));

    private T? One<T>(YamlScalar key, YamlNode value, Func<string, T> parse)
    {
        if (settings.Text(key, value) is not { } text)
        {
            return default;
        }

        try
        {
            return parse(text);
        }
        catch (FormatException e)
        {
            Faults.Add(key.Line, $"{key.Text} is \"{text}\": {e.Message}.");
            return default;
        }
    }
}
