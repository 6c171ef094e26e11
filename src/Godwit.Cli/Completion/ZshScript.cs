using System.CommandLine;
using System.Text;

namespace Godwit.Cli.Completion;

/// <summary>The script that completes Godwit's commands in zsh: sourced, or as a file <c>_godwit</c> in <c>fpath</c>.</summary>
internal static class ZshScript
{
    /// <summary>The script.</summary>
    public static string Of(Command root)
    {
        var script = new StringBuilder("#compdef godwit\n# zsh completion for godwit: source <(godwit completion zsh), or save it as _godwit in a directory of fpath\n");
        foreach (KnownCommand command in KnownCommand.All(root))
        {
            script.Append($"\n{FunctionOf(command.Names)}() {{\n");
            script.Append(command.Below.Count > 0 ? Choosing(command) : $"    _arguments -s -S{Specs(command)}\n");
            script.Append("}\n");
        }

        // The function bears the name of the file: found through fpath it runs at once, sourced it waits to be called.
        return script.Append("""

            if [[ ${funcstack[1]} == _godwit ]]; then
                _godwit "$@"
            else
                compdef _godwit godwit
            fi

            """).ToString();
    }

    private static string Choosing(KnownCommand command)
    {
        var text = new StringBuilder("    local curcontext=$curcontext state line\n    local -a commands\n    typeset -A opt_args\n");
        text.Append($"    _arguments -C{Specs(command)} \\\n        '1: :->command' \\\n        '*:: :->rest'\n    case $state in\n        command)\n");
        text.Append($"            commands=({string.Join(' ', command.Below.Select(below => Quoted($"{below.Name}:{below.Description}")))})\n");
        text.Append("            _describe -t commands command commands ;;\n        rest)\n            case $words[1] in\n");
        foreach (Command below in command.Below)
        {
            text.Append($"                {below.Name}) {FunctionOf([.. command.Names, below.Name])} ;;\n");
        }

        return text.Append("            esac ;;\n    esac\n").ToString();
    }

    private static string Specs(KnownCommand command)
    {
        IEnumerable<string> specs = command.Options.Select(SpecOf);
        if (command.Below.Count == 0)
        {
            specs = specs.Concat(command.Command.Arguments.Select((argument, index) =>
                $"{index + 1}:{Escaped(argument.Name)}:{ActionOf(ValueShape.Of(argument))}"));
        }

        return string.Concat(specs.Select(spec => $" \\\n        {Quoted(spec)}"));
    }

    private static string SpecOf(Option option)
    {
        var shape = ValueShape.Of(option);
        string often = option.Arity.MaximumNumberOfValues > 1 ? "*" : "";
        string told = $"[{Escaped(option.Description ?? "")}]";
        return shape.Kind == ValueKind.None
            ? often + option.Name + told
            : $"{often}{option.Name}={told}:{Escaped(shape.Kind == ValueKind.Words ? "value" : option.HelpName ?? "value")}:{ActionOf(shape)}";
    }

    private static string ActionOf(ValueShape shape) => shape.Kind switch
    {
        ValueKind.Words => $"({string.Join(' ', shape.Words.Select(Escaped))})",
        ValueKind.File => "_files",
        ValueKind.Directory => "_directories",
        _ => " ",
    };

    private static string FunctionOf(IReadOnlyList<string> names) => string.Concat(names.Select(name => "_" + name).Prepend("_godwit"));

    private static string Escaped(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal)
        .Replace("]", "\\]", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
