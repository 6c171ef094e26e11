using Godwit.Server.Access;
using Godwit.Server.Tls;
using Godwit.Transfers.Record.Access;

namespace Godwit.Cli.Configuration;

/// <summary>Reads who may ask a service with a certificate: <c>people:</c>, a list.</summary>
/// <param name="settings">Reads values.</param>
internal sealed class PersonReader(SettingReader settings)
{
    private static readonly string[] s_keys = ["dn", "dn-file", "subject", "project", "roles"];

    private Faults Faults => settings.Faults;

    /// <summary>The people, in the order of the file.</summary>
    public IReadOnlyList<Person> Read(YamlNode node)
    {
        if (node is YamlList list)
        {
            return [.. list.Items.SelectMany(Some)];
        }

        Faults.Add(node.Line, "people is a list: write a dash before each entry, and below it dn: or dn-file:, and roles:.");
        return [];
    }

    private IEnumerable<Person> Some(YamlNode node)
    {
        var names = new List<string>();
        (string? Subject, string Project, TokenRoles Roles) said = (null, "", TokenRoles.Submitter);
        foreach ((YamlScalar key, YamlNode value) in settings.Pairs(node, "an entry of people"))
        {
            switch (key.Text)
            {
                case "dn":
                    Add(names, key.Line, Texts(key, value));
                    break;
                case "dn-file":
                    Add(names, key.Line, Lines(key, value));
                    break;
                case "subject":
                    said.Subject = settings.Text(key, value);
                    break;
                case "project":
                    said.Project = settings.Text(key, value) ?? "";
                    break;
                case "roles":
                    said.Roles = Roles(key, Texts(key, value));
                    break;
                default:
                    Faults.AddUnknown(key, "in an entry of people", s_keys);
                    break;
            }
        }

        if (names.Count == 0)
        {
            Faults.Add(node.Line, "an entry of people names nobody: write dn: with the name of a certificate, or dn-file: with a file of them, one a line.");
        }

        return names.Select(name => new Person(name, said.Subject ?? name, said.Project, said.Roles));
    }

    private List<string> Texts(YamlScalar key, YamlNode value) => value is YamlList list
        ? [.. list.Items.Select(item => settings.Text(key with { Line = item.Line }, item)).OfType<string>()]
        : [.. new[] { settings.Text(key, value) }.OfType<string>()];

    private IEnumerable<string> Lines(YamlScalar key, YamlNode value)
    {
        if (settings.Text(key, value) is not { } named)
        {
            return [];
        }

        try
        {
            // Names in quotes, as a grid-mapfile has them; what follows them is another program's.
            return [.. File.ReadLines(settings.Place.Whole(named)).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
                .Select(line => line[0] == '"' && line.IndexOf('"', 1) is > 0 and var end ? line[1..end] : line)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Faults.Add(key.Line, $"dn-file is \"{named}\", which cannot be read: {e.Message.TrimEnd('.')}.");
            return [];
        }
    }

    private void Add(List<string> names, int line, IEnumerable<string> texts)
    {
        foreach (string text in texts)
        {
            try
            {
                names.Add(GridName.Of(text));
            }
            catch (FormatException e)
            {
                Faults.Add(line, $"\"{text}\" is no name of a certificate: {e.Message}.");
            }
        }
    }

    private TokenRoles Roles(YamlScalar key, List<string> names)
    {
        TokenRoles roles = TokenRoles.None;
        foreach (string name in names)
        {
            if (RoleNames.Find(name) is { } role)
            {
                roles |= role;
            }
            else
            {
                Faults.Add(key.Line, $"roles has \"{name}\": write one or more of {string.Join(", ", RoleNames.All)}.");
            }
        }

        return roles;
    }
}
