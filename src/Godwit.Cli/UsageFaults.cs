using System.CommandLine;
using System.CommandLine.Parsing;

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

        Argument[] missing = [.. command.Arguments.Where(argument =>
            argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is not { Tokens.Count: > 0 })];
        IEnumerable<string> others = parsed.Errors.Where(fault => !IsOf(fault, missing)).Select(fault => fault.Message).Distinct();
        return missing.Length == 0 ? others : others.Prepend(
            $"{command.Name} needs {Names(command.Arguments)}; {Names(missing)} {(missing.Length == 1 ? "is" : "are")} missing.");
    }

    /// <summary>Whether nothing was asked of a command that only has others below it.</summary>
    public static bool AskNothing(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0;

    private static bool IsOf(ParseError fault, Argument[] missing) =>
        fault.SymbolResult is ArgumentResult result && Array.IndexOf(missing, result.Argument) >= 0;

    private static string Names(IEnumerable<Argument> arguments) => string.Join(" and ", arguments.Select(argument => argument.Name));
}
