using System.Text.RegularExpressions;
using Godwit.Cli.Addresses;
using Godwit.Cli.Configuration.Secrets;
using Godwit.Cli.Options;

namespace Godwit.Cli.Configuration;

/// <summary>Reads one endpoint.</summary>
internal sealed class EndpointReader
{
    private static readonly string[] s_keys = ["url", "options", "limits", "credentials"];

    // Only for what their settings are called: what an endpoint says is read before a command line is.
    private static readonly IReadOnlyList<StoreReach> s_reaches = new Wiring().Reaches;

    private readonly SettingReader _settings;
    private readonly Faults _faults;
    private readonly CredentialReader _credentials;
    private readonly IReadOnlyList<ISetting> _limits;

    /// <summary>Reads with one reader of settings; limits are settings of transfers.</summary>
    public EndpointReader(SettingReader settings, TransferSettings transfers)
    {
        (_settings, _faults, _credentials) = (settings, settings.Faults, new CredentialReader(settings));
        _limits = [.. transfers.All.Where(setting => TransferSettings.Limits.Contains(setting.Key))];
    }

    /// <summary>The endpoint; null where not even its kind can be told.</summary>
    public Endpoint? Read(YamlScalar name, YamlNode node)
    {
        if (!EndpointName.IsRight(name.Text))
        {
            _faults.Add(name.Line, $"\"{name.Text}\" cannot be the name of an endpoint: {EndpointName.Rule}.");
        }

        string where = $"in the endpoint \"{name.Text}\"";
        Dictionary<string, YamlNode> values = Values(name, node, where);
        if (!values.TryGetValue("url", out YamlNode? url))
        {
            _faults.Add(name.Line, $"the endpoint \"{name.Text}\" has no url. Write url: s3://bucket/prefix or url: /a/directory below it.");
            return null;
        }

        return Place(name, url) is not { } endpoint ? null : endpoint with
        {
            Options = values.TryGetValue("options", out YamlNode? options)
                ? _settings.Read(options, "options", $"in the options of \"{name.Text}\", whose url is {endpoint.Kind}", OptionsOf(endpoint.Kind))
                : endpoint.Options,
            Limits = values.TryGetValue("limits", out YamlNode? limits)
                ? _settings.Read(limits, "limits", $"in the limits of \"{name.Text}\"", _limits)
                : endpoint.Limits,
            Credentials = values.TryGetValue("credentials", out YamlNode? credentials)
                ? _credentials.Read(endpoint, credentials)
                : endpoint.Credentials,
        };
    }

    /// <summary>The options that an endpoint of a kind may have.</summary>
    public static IReadOnlyList<ISetting> OptionsOf(string kind) => s_reaches.FirstOrDefault(reach => reach.Kinds.Contains(kind))?.All ?? [];

    private Dictionary<string, YamlNode> Values(YamlScalar name, YamlNode node, string where)
    {
        var values = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach ((YamlScalar key, YamlNode value) in _settings.Pairs(node, $"the endpoint \"{name.Text}\""))
        {
            if (s_keys.Contains(key.Text))
            {
                values.Add(key.Text, value);
            }
            else
            {
                _faults.AddUnknown(key, where, s_keys);
            }
        }

        return values;
    }

    private Endpoint? Place(YamlScalar name, YamlNode url)
    {
        if (_settings.Text(name with { Text = "url", Line = url.Line }, url) is not { } text)
        {
            return null;
        }

        var endpoint = new Endpoint
        {
            Name = name.Text,
            Origin = _settings.Place.Line(name.Line),
            Url = new ConfiguredValue(text, _settings.Place.Line(url.Line)),
            Kind = "file",
        };
        try
        {
            return EndpointAddress.Rooted(endpoint, _settings.Place);
        }
        catch (CommandException e)
        {
            // What is said besides is looked at all the same: all faults are told at once.
            _faults.Add(url.Line, e.Message);
            return endpoint with { Kind = KindOf(text) };
        }
    }

    private static string KindOf(string url) => url.Split(':')[0] is { } scheme && s_reaches.Any(reach => reach.Kinds.Contains(scheme)) ? scheme : "file";
}

/// <summary>What an endpoint may be called.</summary>
internal static partial class EndpointName
{
    /// <summary>The rule, for people.</summary>
    public const string Rule = "write two or more of A-Z a-z 0-9 _ . -, a letter first";

    /// <summary>Whether it is followed: names that look like a time of day or a drive are none.</summary>
    public static bool IsRight(string name) => Name().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]+\z")]
    private static partial Regex Name();
}
