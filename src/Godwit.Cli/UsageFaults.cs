using System.CommandLine;
using System.CommandLine.Parsing;
using Godwit.Cli.Configuration;

namespace Godwit.Cli;

/// <summary>What is wrong with a command line that could not be read, in sentences that name what to write instead.</summary>
internal static class UsageFaults
{
    /// <summary>The sentences, each once.</summary>
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0)
        {
            string what = parsed.UnmatchedTokens.Count == 0 ? "a command is missing" : $"there is no command \"{parsed.UnmatchedTokens[0]}\"";
            return [$"{what}; write one of {string.Join(", ", command.Subcommands.Select(known => known.Name))}."];
        }

        string[] mistaken = [.. MistakenOptions(parsed)];
        if (mistaken.Length > 0)
        {
            return mistaken.Select(option => UnknownOption(option, parsed));
        }

        Argument[] missing = [.. command.Arguments.Where(argument =>
            argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is not { Tokens.Count: > 0 })];
        IEnumerable<string> others = parsed.Errors.Where(fault => !IsOf(fault, missing)).Select(fault => fault.Message).Distinct();
        return missing.Length == 0 ? others : others.Prepend(
            $"{command.Name} needs {Names(command.Arguments)}; {Names(missing)} {(missing.Length == 1 ? "is" : "are")} missing.");
    }

    /// <summary>What was written like an option and is none. It would be taken for an address, and that be blamed; a name that begins so is
    /// written <c>./-name</c> or after <c>--</c>.</summary>
    public static IEnumerable<string> MistakenOptions(ParseResult parsed)
    {
        HashSet<string> plain = [.. parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Select(token => token.Value)];
        return parsed.CommandResult.Command.Arguments
            .SelectMany(argument => parsed.GetResult(argument)?.Tokens.Select(token => token.Value) ?? [])
            .Concat(parsed.UnmatchedTokens)
            .Where(value => value is ['-', _, ..] && !plain.Contains(value))
            .Distinct();
    }

    private static string UnknownOption(string option, ParseResult parsed)
    {
        string[] known = [.. OptionsOf(parsed).SelectMany(one => one.Aliases.Prepend(one.Name))];
        string[] letters = [.. option.Skip(1).Select(letter => $"-{letter}")];
        string remedy = option[1] != '-' && letters.All(known.Contains) ? $"Write {string.Join(' ', letters)}."
            : option.StartsWith("--", StringComparison.Ordinal) ? $"The nearest is {NearestWord.To(option.Split('=')[0], known)}."
            : $"A file of that name is written ./{option}";
        return $"there is no option \"{option}\". {remedy}";
    }

    private static IEnumerable<Option> OptionsOf(ParseResult parsed) => parsed.CommandResult.Command.Options
        .Concat(parsed.CommandResult.Command.Parents.OfType<Command>().SelectMany(above => above.Options).Where(option => option.Recursive))
        .Where(option => !option.Hidden);

    /// <summary>Whether nothing was asked of a command that only has others below it.</summary>
    public static bool AskNothing(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0;

    private static bool IsOf(ParseError fault, Argument[] missing) =>
        fault.SymbolResult is ArgumentResult result && Array.IndexOf(missing, result.Argument) >= 0;

    private static string Names(IEnumerable<Argument> arguments) => string.Join(" and ", arguments.Select(argument => argument.Name));
}
