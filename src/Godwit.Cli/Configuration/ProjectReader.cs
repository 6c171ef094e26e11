using System.Net;
using Godwit.Server.Access;

namespace Godwit.Cli.Configuration;

/// <summary>Reads the projects of a service: <c>projects:</c>, by name.</summary>
/// <param name="settings">Reads values.</param>
internal sealed class ProjectReader(SettingReader settings)
{
    private static readonly string[] s_keys = ["sources", "destinations", "networks", "share"];

    private Faults Faults => settings.Faults;

    /// <summary>The projects, in the order of the file.</summary>
    public IReadOnlyList<Project> Read(YamlNode node) => [.. settings.Pairs(node, "projects").Select(pair => One(pair.Key, pair.Value)).OfType<Project>()];

    private Project? One(YamlScalar name, YamlNode node)
    {
        if (name.Text.Length is 0 or > 200 || name.Text.Any(char.IsControl))
        {
            Faults.Add(name.Line, $"\"{name.Text}\" cannot be the name of a project: write 1 to 200 characters.");
            return null;
        }

        var project = new Project(name.Text);
        foreach ((YamlScalar key, YamlNode value) in settings.Pairs(node, $"the project \"{name.Text}\""))
        {
            project = key.Text switch
            {
                "sources" => project with { Sources = List(key, value, UrlPattern.Parse) },
                "destinations" => project with { Destinations = List(key, value, UrlPattern.Parse) },
                "networks" => project with { Networks = List(key, value, Network) },
                "share" => project with { Share = Share(key, value) },
                _ => Unknown(project, key),
            };
        }

        return project;
    }

    private Project Unknown(Project project, YamlScalar key)
    {
        Faults.AddUnknown(key, $"in the project \"{project.Name}\"", s_keys);
        return project;
    }

    private List<T> List<T>(YamlScalar key, YamlNode node, Func<string, T> parse)
    {
        if (node is not YamlList list)
        {
            Faults.Add(key.Line, $"{key.Text} is a list: write [\"...\", \"...\"], or one a line with a dash.");
            return [];
        }

        var read = new List<T>();
        foreach (YamlNode item in list.Items)
        {
            if (settings.Text(key with { Line = item.Line }, item) is { } text)
            {
                Add(read, item.Line, key.Text, text, parse);
            }
        }

        return read;
    }

    private void Add<T>(List<T> read, int line, string key, string text, Func<string, T> parse)
    {
        try
        {
            read.Add(parse(text));
        }
        catch (FormatException e)
        {
            Faults.Add(line, $"{key} has \"{text}\": {e.Message}.");
        }
    }

    private static IPNetwork Network(string text) =>
        IPNetwork.TryParse(text, out IPNetwork network) ? network : throw new FormatException("write a network, such as 10.2.0.0/16 or fd00:1::/64");

    private int Share(YamlScalar key, YamlNode value)
    {
        if (settings.Text(key, value) is not { } text)
        {
            return 1;
        }

        if (int.TryParse(text, out int share) && share is >= 1 and <= 1000)
        {
            return share;
        }

        Faults.Add(key.Line, $"share is \"{text}\": write a whole number from 1 to 1000.");
        return 1;
    }
}
