using System.CommandLine;
using System.Text;
using Godwit.Cli;
using Godwit.Cli.Completion;

namespace Godwit.Tests.Cli.Pages;

/// <summary>The page of all commands and options, as the program defines them.</summary>
internal static class ReferencePage
{
    /// <summary>The page.</summary>
    public static string Of(Command root)
    {
        KnownCommand[] all = [.. KnownCommand.All(root).Where(command => command.Below.Count == 0)];
        var page = new StringBuilder($"""
            # Commands and options

            {root.Description} What stands for places, outcomes and codes is told in [exit-codes.md](exit-codes.md), the events of `--json` in
            [events.md](events.md). A value follows its option after a blank or `=`. This page is written by a test from the program's own
            definitions; it is not edited.

            | command | what it does |
            | --- | --- |

            """);
        foreach (KnownCommand command in all)
        {
            page.Append($"| [`{NameOf(command)}`](#{NameOf(command).Replace(' ', '-')}) | {Cell(command.Command.Description)} |\n");
        }

        foreach (HelpSection section in HelpSection.All(root))
        {
            page.Append($"\n## {section.Title.Split(" (")[0]}\n\n");
            page.Append(section.Lines.All(line => line.Meaning.Length == 0)
                ? string.Concat(section.Lines.Select(line => $"    {line.Written}\n"))
                : "| written | meaning |\n| --- | --- |\n" + string.Concat(section.Lines.Select(line => $"| `{Cell(line.Written)}` | {Cell(line.Meaning)} |\n")));
        }

        foreach (KnownCommand command in all)
        {
            page.Append(SectionOf(command));
        }

        return page.ToString();
    }

    /// <summary>A command's name with the program's before it.</summary>
    public static string NameOf(KnownCommand command) => string.Join(' ', command.Names.Prepend("godwit"));

    /// <summary>An option with what stands for its value.</summary>
    public static string FormOf(Option option) => option.Arity.MaximumNumberOfValues == 0 ? option.Name : $"{option.Name} {option.HelpName}";

    /// <summary>An argument, in brackets where it may be left out.</summary>
    public static string FormOf(Argument argument)
    {
        string more = argument.Arity.MaximumNumberOfValues > 1 ? "..." : "";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}{more}]" : argument.Name + more;
    }

    private static string SectionOf(KnownCommand command)
    {
        string arguments = string.Concat(command.Command.Arguments.Select(argument => " " + FormOf(argument)));
        var text = new StringBuilder($"\n## {NameOf(command)}\n\n    {NameOf(command)}{arguments} [OPTION...]\n\n{command.Command.Description}\n");
        if (command.Command.Arguments.Count > 0)
        {
            text.Append("\n| argument | meaning |\n| --- | --- |\n");
            text.AppendJoin("", command.Command.Arguments.Select(argument => $"| `{Cell(FormOf(argument))}` | {Cell(argument.Description)} |\n"));
        }

        text.Append("\n| option | meaning |\n| --- | --- |\n");
        text.AppendJoin("", command.Options.Select(option => $"| `{Cell(FormOf(option))}` | {Cell(option.Description)} |\n"));
        return text.ToString();
    }

    private static string Cell(string? text) => text?.Replace("|", "\\|", StringComparison.Ordinal) ?? "";
}
