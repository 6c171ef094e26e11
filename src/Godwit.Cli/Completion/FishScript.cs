using System.CommandLine;
using System.Text;

namespace Godwit.Cli.Completion;

/// <summary>The script that completes Godwit's commands in fish.</summary>
internal static class FishScript
{
    /// <summary>The script.</summary>
    public static string Of(Command root)
    {
        KnownCommand[] all = [.. KnownCommand.All(root)];
        var script = new StringBuilder("# fish completion for godwit: godwit completion fish | source\n");
        script.Append($"set -g __godwit_places {string.Join(' ', all.Skip(1).Select(command => command.Place))}\n");
        script.Append("""
            function __godwit_at --description 'Whether the line so far has come to this command'
                set -l at ''
                set -l words (commandline -opc)
                for word in $words[2..-1]
                    contains -- $at/$word $__godwit_places; or break
                    set at $at/$word
                end
                test "$at" = "$argv[1]"
            end
            complete -c godwit -f

            """);
        foreach (KnownCommand command in all)
        {
            string at = $"complete -c godwit -n {Quoted($"__godwit_at '{command.Place}'")}";
            foreach (Command below in command.Below)
            {
                script.Append($"{at} -a {below.Name} -d {Quoted(below.Description ?? "")}\n");
            }

            if (command.Below.Count == 0 && command.Command.Arguments is [var first, ..])
            {
                script.Append($"{at}{ActionOf(ValueShape.Of(first))}\n");
            }

            foreach (Option option in command.Options)
            {
                script.Append($"{at} -l {option.Name.TrimStart('-')}{ValueOf(ValueShape.Of(option))} -d {Quoted(option.Description ?? "")}\n");
            }
        }

        return script.ToString();
    }

    private static string ActionOf(ValueShape shape) => shape.Kind switch
    {
        ValueKind.File => " -F",
        ValueKind.Words => $" -a {Quoted(string.Join(' ', shape.Words))}",
        _ => "",
    };

    private static string ValueOf(ValueShape shape) => shape.Kind switch
    {
        ValueKind.None => "",
        ValueKind.File => " -r -F",
        ValueKind.Directory => " -x -a '(__fish_complete_directories)'",
        ValueKind.Words => $" -x -a {Quoted(string.Join(' ', shape.Words))}",
        _ => " -x",
    };

    private static string Quoted(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
