using System.CommandLine;
using System.Text;
using Godwit.Cli;
using Godwit.Cli.Completion;

namespace Godwit.Tests.Cli.Pages;

/// <summary>The page for <c>man godwit</c>, as the program defines its commands.</summary>
internal static class ManPage
{
    /// <summary>The page, for the <c>man</c> macros of roff.</summary>
    /// <param name="root">The program.</param>
    public static string Of(Command root)
    {
        KnownCommand[] all = [.. KnownCommand.All(root).Where(command => command.Below.Count == 0)];
        string[] everywhere = [.. all.First().Options.Select(option => option.Name).Where(name => all.Count(command => command.Options.Any(option => option.Name == name)) == all.Length)];
        var page = new StringBuilder(".\\\" Written by a test from the program's own definitions; not edited.\n.TH GODWIT 1\n.SH NAME\n");
        page.Append($"godwit \\- {Text(root.Description!.TrimEnd('.'))}\n.SH SYNOPSIS\n");
        foreach (KnownCommand command in all)
        {
            page.Append($".br\n.B {Text(ReferencePage.NameOf(command))}\n{Arguments(command).TrimStart()} [\\fIOPTION\\fR...]\n");
        }

        page.Append(".SH COMMANDS\n");
        foreach (KnownCommand command in all)
        {
            page.Append($".SS {Text(ReferencePage.NameOf(command))}{Arguments(command)}\n{Text(command.Command.Description)}\n");
            foreach (Argument argument in command.Command.Arguments)
            {
                page.Append($".TP\n.I {Text(ReferencePage.FormOf(argument))}\n{Text(argument.Description)}\n");
            }

            foreach (Option option in command.Options.Where(option => !everywhere.Contains(option.Name)))
            {
                page.Append($".TP\n\\fB{Text(option.Name)}\\fR{(option.Arity.MaximumNumberOfValues == 0 ? "" : $" \\fI{Text(option.HelpName)}\\fR")}\n{Text(option.Description)}\n");
            }
        }

        foreach (HelpSection section in HelpSection.All(root))
        {
            page.Append($".SH {Text(section == HelpSection.ExitCodes ? "EXIT STATUS" : section.Title.ToUpperInvariant())}\n");
            foreach ((string written, string meaning) in section.Lines)
            {
                page.Append(meaning.Length == 0 ? $".br\n.B {Quoted(written)}\n" : $".TP\n.B {Quoted(written)}\n{Text(meaning)}\n");
            }
        }

        return page.ToString();
    }

    private static string Arguments(KnownCommand command) => string.Concat(command.Command.Arguments.Select(argument => $" \\fI{Text(ReferencePage.FormOf(argument))}\\fR"));

    /// <summary>The one argument of a request.</summary>
    private static string Quoted(string text) => text.Contains(' ', StringComparison.Ordinal) ? $"\"{Text(text)}\"" : Text(text);

    /// <summary>A line of text: no hyphen becomes a dash, and no first character a request.</summary>
    private static string Text(string? text)
    {
        string escaped = (text ?? "").Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped is ['.' or '\'', ..] ? "\\&" + escaped : escaped;
    }
}
