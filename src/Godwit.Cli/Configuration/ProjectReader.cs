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
                "sources" => project with { Sources = settings.List(key, value, UrlPattern.Parse) },
                "destinations" => project with { Destinations = settings.List(key, value, UrlPattern.Parse) },
                "networks" => project with { Networks = settings.List(key, value, Network) },
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
