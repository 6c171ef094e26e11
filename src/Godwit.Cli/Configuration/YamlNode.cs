namespace Godwit.Cli.Configuration;

/// <summary>One node of a YAML file, with the line where it begins.</summary>
internal abstract record YamlNode(int Line);

/// <summary>A single value, as text. An empty one that was not quoted stands for nothing.</summary>
internal sealed record YamlScalar(int Line, string Text, bool IsQuoted) : YamlNode(Line)
{
    /// <summary>Whether nothing is written there.</summary>
    public bool IsNothing => !IsQuoted && Text is "" or "~" or "null";
}

/// <summary>A map; the keys in the order of the file, each once.</summary>
internal sealed record YamlMap(int Line, IReadOnlyList<(YamlScalar Key, YamlNode Value)> Pairs, bool IsInBraces) : YamlNode(Line);

/// <summary>A list.</summary>
internal sealed record YamlList(int Line, IReadOnlyList<YamlNode> Items) : YamlNode(Line);
