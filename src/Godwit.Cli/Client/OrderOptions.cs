using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Godwit.Cli.Runs;
using Godwit.Cli.Service;

namespace Godwit.Cli.Client;

/// <summary>The options of <c>godwit copy</c> that a service takes with an order.</summary>
internal sealed class OrderOptions
{
    private readonly List<Option> _passedOn = [];

    private OrderOptions()
    {
    }

    /// <summary>Adds them to a command.</summary>
    public static OrderOptions AddTo(Command command)
    {
        var options = new OrderOptions();
        var copy = new Command("copy");
        TransferLine.AddTo(copy);
        options._passedOn.AddRange(copy.Options.Where(option => OrderLine.Known.Contains(option.Name.TrimStart('-'))));
        options._passedOn.ForEach(command.Add);
        return options;
    }

    /// <summary>Writes those that were said as the field <c>options</c>.</summary>
    public void Write(Utf8JsonWriter json, ParseResult parsed)
    {
        json.WriteStartObject("options");
        foreach (Option option in _passedOn)
        {
            if (parsed.GetResult(option) is not OptionResult { Implicit: false } said)
            {
                continue;
            }

            json.WriteStartArray(option.Name.TrimStart('-'));
            foreach (string value in said.Tokens.Select(token => token.Value).DefaultIfEmpty("true"))
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
