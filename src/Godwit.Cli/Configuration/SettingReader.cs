namespace Godwit.Cli.Configuration;

/// <summary>Reads settings of a configuration, each held to the same rules as its option.</summary>
/// <param name="place">What relative names are relative to.</param>
/// <param name="faults">Gets what is wrong.</param>
internal sealed class SettingReader(ConfigurationPlace place, Faults faults)
{
    /// <summary>Gets what is wrong.</summary>
    public Faults Faults => faults;

    /// <summary>What relative names are relative to.</summary>
    public ConfigurationPlace Place => place;

    /// <summary>The settings of a map, by key.</summary>
    /// <param name="node">The map.</param>
    /// <param name="name">The key that it stands under.</param>
    /// <param name="where">Where it stands, for people.</param>
    /// <param name="known">The settings that may stand there.</param>
    public Dictionary<string, ConfiguredValue> Read(YamlNode node, string name, string where, IReadOnlyList<ISetting> known)
    {
        var values = new Dictionary<string, ConfiguredValue>(StringComparer.Ordinal);
        foreach ((YamlScalar key, YamlNode value) in Pairs(node, name))
        {
            if (known.FirstOrDefault(setting => setting.Key == key.Text) is not { } setting)
            {
                faults.AddUnknown(key, where, [.. known.Select(one => one.Key)]);
            }
            else if (Text(key, value) is { } text && IsRight(setting, key, text))
            {
                values.Add(key.Text, new ConfiguredValue(setting.IsFile ? place.Whole(text) : text, place.Line(key.Line)));
            }
        }

        return values;
    }

    /// <summary>The pairs of a map; none, and a fault, where it is no map.</summary>
    public IReadOnlyList<(YamlScalar Key, YamlNode Value)> Pairs(YamlNode node, string name)
    {
        switch (node)
        {
            case YamlMap map:
                return map.Pairs;
            case YamlScalar { IsNothing: true }:
                return [];
            default:
                faults.Add(node.Line, $"{name} is a map: write its keys below it, each with a value.");
                return [];
        }
    }

    /// <summary>The text of a value; null, and a fault, where it is none.</summary>
    public string? Text(YamlScalar key, YamlNode value)
    {
        if (value is YamlScalar { IsNothing: false } scalar)
        {
            return scalar.Text;
        }

        faults.Add(key.Line, $"{key.Text} has no value that is one word or number. Write one, or leave the key out.");
        return null;
    }

    /// <summary>The texts of a list, or one text by itself; a fault for an empty list.</summary>
    public List<string> Texts(YamlScalar key, YamlNode value)
    {
        List<string> texts = value is YamlList list
            ? [.. list.Items.Select(item => Text(key with { Line = item.Line }, item)).OfType<string>()]
            : [.. new[] { Text(key, value) }.OfType<string>()];
        if (value is YamlList { Items.Count: 0 })
        {
            faults.Add(key.Line, $"{key.Text} is an empty list. Write what is meant, or leave the key out.");
        }

        return texts;
    }

    /// <summary>The values of a list; what is wrong is a fault with its own line.</summary>
    /// <param name="key">The list's key.</param>
    /// <param name="node">The list.</param>
    /// <param name="parse">Reads one; throws <see cref="FormatException"/> with what to write instead.</param>
    public List<T> List<T>(YamlScalar key, YamlNode node, Func<string, T> parse)
    {
        if (node is not YamlList list)
        {
            faults.Add(key.Line, $"{key.Text} is a list: write [\"...\", \"...\"], or one a line with a dash.");
            return [];
        }

        var read = new List<T>();
        foreach (YamlNode item in list.Items)
        {
            if (Text(key with { Line = item.Line }, item) is { } text)
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
            faults.Add(line, $"{key} has \"{text}\": {e.Message}.");
        }
    }

    private bool IsRight(ISetting setting, YamlScalar key, string text)
    {
        IReadOnlyList<string> wrong = setting.FaultsOf(text, key.Text);
        foreach (string fault in wrong)
        {
            faults.Add(key.Line, fault);
        }

        return wrong.Count == 0;
    }
}
