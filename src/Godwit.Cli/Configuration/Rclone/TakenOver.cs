namespace Godwit.Cli.Configuration.Rclone;

/// <summary>What becomes of one remote: an endpoint, its secrets, and what could not be taken over.</summary>
/// <param name="name">The remote's name.</param>
internal sealed class TakenOver(string name)
{
    private readonly List<(string Key, string Value)> _options = [];
    private readonly List<(string Key, string? Plain, string? Secret)> _credentials = [];

    /// <summary>The endpoint's name.</summary>
    public string Name => name;

    /// <summary>The endpoint's address; null where it is none.</summary>
    public string? Url { get; set; }

    /// <summary>What was left out, with the reason.</summary>
    public List<string> LeftOut { get; } = [];

    /// <summary>The secrets, by the key that refers to them.</summary>
    public IEnumerable<(string Key, string Secret)> Secrets =>
        _credentials.Where(one => one.Secret is not null).Select(one => (one.Key, one.Secret!));

    /// <summary>Says an option of the endpoint; null for nothing to say.</summary>
    public void Option(string key, string? value)
    {
        if (value is not null)
        {
            _options.Add((key, value));
        }
    }

    /// <summary>Says the name of a key, which is no secret.</summary>
    public void Plain(string key, string value) => _credentials.Add((key, value, null));

    /// <summary>Puts a secret into a file of its own.</summary>
    public void Secret(string key, string secret) => _credentials.Add((key, null, secret));

    /// <summary>The endpoint as lines of YAML, without indentation before its name.</summary>
    /// <param name="fileOf">The file of the secret of a key, as the configuration names it.</param>
    public IEnumerable<string> Lines(Func<string, string> fileOf)
    {
        yield return $"{name}:";
        yield return $"  url: {Quoted(Url!)}";
        foreach (string line in Section("options", _options.Select(option => $"{option.Key}: {Quoted(option.Value)}")))
        {
            yield return line;
        }

        foreach (string line in Section(
            "credentials",
            _credentials.Select(one => one.Plain is { } plain ? $"{one.Key}: {Quoted(plain)}" : $"{one.Key}: {{ file: {Quoted(fileOf(one.Key))} }}")))
        {
            yield return line;
        }
    }

    /// <summary>Single quotes keep every character but themselves.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static IEnumerable<string> Section(string key, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        return all.Length == 0 ? [] : [$"  {key}:", .. all.Select(line => $"    {line}")];
    }
}
