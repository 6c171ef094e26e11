using Godwit.Cli.Options;
using Godwit.Cli.Service;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Cli.Configuration;

/// <summary>Makes a configuration of what its file says. What is wrong is added to the faults, and the rest is read all the same.</summary>
internal sealed class ConfigurationReader
{
    private static readonly string[] s_sections = ["defaults", "endpoints", "notices", "people", "preparers", "projects", "server", "stagers"];

    private readonly ConfigurationPlace _place;
    private readonly Faults _faults;
    private readonly TransferSettings _transfers = new();
    private readonly EndpointReader _endpoints;

    private ConfigurationReader(ConfigurationPlace place, Faults faults)
    {
        (_place, _faults) = (place, faults);
        _endpoints = new EndpointReader(new SettingReader(place, faults), _transfers);
    }

    /// <summary>Reads it.</summary>
    /// <param name="text">What the file holds.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="faults">Gets what is wrong.</param>
    public static GodwitConfiguration Read(string text, ConfigurationPlace place, Faults faults) =>
        new ConfigurationReader(place, faults).Read(YamlFile.Read(text, faults));

    private GodwitConfiguration Read(YamlNode? top)
    {
        var configuration = new GodwitConfiguration { File = _place.File, IsThere = true };
        if (top is not YamlMap map)
        {
            if (top is not (null or YamlScalar { IsNothing: true }))
            {
                _faults.Add(top.Line, "a configuration is a map that begins with \"endpoints:\" or \"defaults:\".");
            }

            return configuration;
        }

        foreach ((YamlScalar key, YamlNode value) in map.Pairs)
        {
            configuration = key.Text switch
            {
                "defaults" => configuration with { Defaults = Defaults(value) },
                "endpoints" => configuration with { Endpoints = Endpoints(value) },
                "server" => configuration with { Server = new SettingReader(_place, _faults).Read(value, "server", "in server", new ServerSettings().All) },
                "notices" => configuration with { Notices = new NoticeReader(new SettingReader(_place, _faults)).Read(value) },
                "people" => configuration with { People = new PersonReader(new SettingReader(_place, _faults)).Read(value) },
                "preparers" => configuration with { Preparers = new StagerReader(new SettingReader(_place, _faults), CallStage.Prepare).Read(value) },
                "projects" => configuration with { Projects = new ProjectReader(new SettingReader(_place, _faults)).Read(value) },
                "stagers" => configuration with { Stagers = new StagerReader(new SettingReader(_place, _faults), CallStage.Stage).Read(value) },
                _ => Unknown(configuration, key),
            };
        }

        return configuration;
    }

    private GodwitConfiguration Unknown(GodwitConfiguration configuration, YamlScalar key)
    {
        _faults.AddUnknown(key, "here", s_sections);
        return configuration;
    }

    private IReadOnlyDictionary<string, ConfiguredValue> Defaults(YamlNode node) =>
        new SettingReader(_place, _faults).Read(node, "defaults", "in defaults", _transfers.All);

    private List<Endpoint> Endpoints(YamlNode node)
    {
        if (node is YamlScalar { IsNothing: true })
        {
            return [];
        }

        if (node is not YamlMap map)
        {
            _faults.Add(node.Line, "endpoints is a map of names, each with its url below it.");
            return [];
        }

        return [.. map.Pairs.Select(pair => _endpoints.Read(pair.Key, pair.Value)).OfType<Endpoint>()];
    }
}
