using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Godwit.Cli.Configuration;

/// <summary>Reads YAML as this configuration needs it: maps, lists and text. Nothing of it is ever made into an object by its name.</summary>
internal sealed class YamlFile
{
    private const int Deepest = 12;

    private readonly Faults _faults;
    private readonly Parser _parser;

    private YamlFile(string text, Faults faults) => (_faults, _parser) = (faults, new Parser(new StringReader(text)));

    /// <summary>The node at the top; null for an empty file and for one that cannot be read.</summary>
    /// <param name="text">What the file holds.</param>
    /// <param name="faults">Gets what is wrong. The parser ends at the first place where it is not YAML.</param>
    public static YamlNode? Read(string text, Faults faults)
    {
        try
        {
            return new YamlFile(text, faults).Document();
        }
        catch (YamlException e)
        {
            // What the parser quotes of the file is one character at most.
            faults.Add((int)e.Start.Line, $"this is not YAML: {e.Message.TrimEnd('.')}. Quote values that hold : # {{ [ @ * & or begin with %.");
            return null;
        }
    }

    private YamlNode? Document()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        YamlNode top = Node(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out _))
        {
            _faults.Add((int)_parser.Current!.Start.Line, "a second document begins here; write everything into one.");
        }

        return top;
    }

    private YamlNode Node(int depth)
    {
        bool isAlias = _parser.Accept<AnchorAlias>(out _);
        if (isAlias || (_parser.Accept<NodeEvent>(out NodeEvent? node) && !node.Anchor.IsEmpty))
        {
            _faults.Add((int)_parser.Current!.Start.Line, "anchors (&name) and aliases (*name) are not understood; write the value itself, quoted where it begins so.");
        }

        if (depth > Deepest)
        {
            throw new SyntaxErrorException(_parser.Current!.Start, _parser.Current.End, "it is nested too deep");
        }

        if (isAlias)
        {
            return new YamlScalar((int)_parser.Consume<AnchorAlias>().Start.Line, "", IsQuoted: true);
        }

        return _parser.Consume<NodeEvent>() switch
        {
            MappingStart map => Map(map, depth),
            SequenceStart list => List(list, depth),
            Scalar scalar => new YamlScalar((int)scalar.Start.Line, scalar.Value, scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any)),
            NodeEvent other => new YamlScalar((int)other.Start.Line, "", false),
        };
    }

    private YamlMap Map(MappingStart start, int depth)
    {
        var pairs = new List<(YamlScalar, YamlNode)>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            YamlNode key = Node(depth + 1);
            YamlNode value = Node(depth + 1);
            if (key is not YamlScalar name)
            {
                _faults.Add(key.Line, "a key must be a word.");
            }
            else if (!lines.TryAdd(name.Text, name.Line))
            {
                _faults.Add(name.Line, $"the key \"{name.Text}\" is there already, in line {lines[name.Text]}. Remove one of them.");
            }
            else
            {
                pairs.Add((name, value));
            }
        }

        return new YamlMap((int)start.Start.Line, pairs, start.Style == MappingStyle.Flow);
    }

    private YamlList List(SequenceStart start, int depth)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node(depth + 1));
        }

        return new YamlList((int)start.Start.Line, items);
    }
}
