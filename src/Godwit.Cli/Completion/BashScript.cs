using System.CommandLine;
using System.Text;

namespace Godwit.Cli.Completion;

/// <summary>The script that completes Godwit's commands in bash. It asks nobody: what there is stands in it.</summary>
internal static class BashScript
{
    /// <summary>The script.</summary>
    public static string Of(Command root)
    {
        KnownCommand[] all = [.. KnownCommand.All(root)];
        var script = new StringBuilder("""
            # bash completion for godwit: source <(godwit completion bash)
            _godwit() {
                local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} place= kind=file words= i
                # "=" is a word of its own to bash.
                if [[ $cur == "=" ]]; then
                    cur=
                elif [[ $prev == "=" ]]; then
                    prev=${COMP_WORDS[COMP_CWORD-2]}
                fi
                for ((i = 1; i < COMP_CWORD; i++)); do
                    case $place/${COMP_WORDS[i]} in

            """);
        script.Append($"            {string.Join(" | ", all.Skip(1).Select(command => command.Place))}) place+=/${{COMP_WORDS[i]}} ;;\n");
        script.Append("""
                        *) break ;;
                    esac
                done
                case $place in

            """);
        foreach (KnownCommand command in all)
        {
            script.Append(CaseOf(command));
        }

        return script.Append("""
                esac
                COMPREPLY=()
                case $kind in
                    words) compopt +o default 2>/dev/null; mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
                    directory) compopt +o default -o dirnames 2>/dev/null ;;
                    free) compopt +o default 2>/dev/null ;;
                esac
            }
            complete -o default -F _godwit godwit

            """).ToString();
    }

    private static string CaseOf(KnownCommand command)
    {
        var text = new StringBuilder($"        {(command.Place.Length == 0 ? "\"\"" : command.Place)})\n            case $prev in\n");
        foreach (IGrouping<string, Option> alike in command.Options.GroupBy(option => SetOf(ValueShape.Of(option))).Where(group => group.Key.Length > 0))
        {
            text.Append($"                {string.Join(" | ", alike.Select(option => option.Name))}) {alike.Key} ;;\n");
        }

        string options = string.Join(' ', command.Options.Select(option => option.Name));
        string others = command.Below.Count > 0 ? $"kind=words words='{string.Join(' ', command.Below.Select(below => below.Name))}'"
            : command.Command.Arguments is [var first, ..] ? SetOf(ValueShape.Of(first))
            : "kind=free";
        text.Append($"                *) if [[ $cur == -* ]]; then kind=words words='{options}'; else {others}; fi ;;\n");
        return text.Append("            esac ;;\n").ToString();
    }

    private static string SetOf(ValueShape shape) => shape.Kind switch
    {
        ValueKind.Words => $"kind=words words='{string.Join(' ', shape.Words)}'",
        ValueKind.File => "kind=file",
        ValueKind.Directory => "kind=directory",
        ValueKind.Free => "kind=free",
        _ => "",
    };
}
