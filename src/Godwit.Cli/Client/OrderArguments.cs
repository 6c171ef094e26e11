using System.CommandLine;
using System.Text.Json;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;

namespace Godwit.Cli.Client;

/// <summary>What is moved from where to where, who makes it ready, its turn and its project: what <c>godwit submit</c> and <c>godwit schedule add</c> have in
/// common.</summary>
internal sealed class OrderArguments
{
    private readonly Argument<string> _source = new("SRC")
    {
        Description = "The source, as the service reaches it: name:path of one of its endpoints, a URL, or a whole path of its machine. Where --stager names it, it is left out, "
            + "and DST stands alone.",
    };

    private readonly Argument<string?> _destination = new("DST") { Description = "The destination, likewise.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<string?> _stager = SettingOption.Of<string?>(
        "--stager", "NAME", "Who brings the source to where it can be read, as the service's configuration calls him.", SettingText.NotEmpty);

    private readonly Option<string?> _stage = SettingOption.Of<string?>(
        "--stage", "TEXT", "What --stager is asked for, in words that are his. Default: nothing, SRC says enough.", text => text);

    private readonly Option<string?> _preparer = SettingOption.Of<string?>(
        "--preparer", "NAME", "Who prepares what is moved, once it can be read, as the service's configuration calls him.", SettingText.NotEmpty);

    private readonly Option<string?> _prepare = SettingOption.Of<string?>(
        "--prepare", "TEXT", "What --preparer is asked for, in words that are his. Default: nothing.", text => text);

    private readonly Option<int?> _priority = SettingOption.Of<int?>(
        "--priority", "N", "1 to 5; 5 gets the most turns. Default: 3.", text => text is [>= '1' and <= '5'] ? text[0] - '0' : throw new FormatException("write a number from 1 to 5"));

    private readonly Option<string?> _project = SettingOption.Of<string?>("--project", "NAME", "For which project. Default: the token's.", SettingText.NotEmpty);
    private readonly OrderOptions _options;

    private OrderArguments(Command command)
    {
        command.Add(_source);
        command.Add(_destination);
        _options = OrderOptions.AddTo(command);
        foreach (Option option in (Option[])[_stager, _stage, _preparer, _prepare, _priority, _project])
        {
            command.Add(option);
        }
    }

    /// <summary>Adds them to a command, whose other arguments come before.</summary>
    public static OrderArguments AddTo(Command command) => new(command);

    /// <summary>Writes them as fields of the request.</summary>
    /// <exception cref="CommandException">They do not fit together.</exception>
    public void Write(Utf8JsonWriter json, ParseResult parsed)
    {
        (string? source, string destination) = Ends(parsed);
        if (source is not null)
        {
            json.WriteString("source", source);
        }

        json.WriteString("destination", destination);
        _options.Write(json, parsed);
        WriteAsked(json, "stage", parsed.GetValue(_stager), parsed.GetValue(_stage));
        WriteAsked(json, "prepare", parsed.GetValue(_preparer), parsed.GetValue(_prepare));
        if (parsed.GetValue(_priority) is { } priority)
        {
            json.WriteNumber("priority", priority);
        }

        if (parsed.GetValue(_project) is { } project)
        {
            json.WriteString("project", project);
        }
    }

    /// <summary>What is wrong with them together.</summary>
    /// <exception cref="CommandException">Something is.</exception>
    public void Require(ParseResult parsed)
    {
        _ = Ends(parsed);
        RequireWhom(_stager, _stage, parsed);
        RequireWhom(_preparer, _prepare, parsed);
    }

    /// <summary>One address alone is the destination, where somebody else says where the source is.</summary>
    private (string? Source, string Destination) Ends(ParseResult parsed) => (parsed.GetRequiredValue(_source), parsed.GetValue(_destination)) switch
    {
        (var source, { } destination) => (source, destination),
        (var alone, null) when parsed.GetValue(_stager) is not null => (null, alone),
        _ => throw new CommandException(
            ExitCode.Usage,
            $"{parsed.CommandResult.Command.Name} needs {string.Join(" and ", parsed.CommandResult.Command.Arguments.Select(one => one.Name))}; DST is missing."),
    };

    private static void RequireWhom(Option<string?> who, Option<string?> what, ParseResult parsed)
    {
        if (parsed.GetValue(what) is not null && parsed.GetValue(who) is null)
        {
            throw new CommandException(
                ExitCode.Usage, $"{what.Name} says what somebody is asked for, and not whom: add {who.Name} NAME, as the service's configuration calls him.");
        }
    }

    private static void WriteAsked(Utf8JsonWriter json, string field, string? who, string? what)
    {
        if (who is not null)
        {
            json.WriteStartObject(field);
            json.WriteString("by", who);
            json.WriteString("what", what ?? "");
            json.WriteEndObject();
        }
    }
}
