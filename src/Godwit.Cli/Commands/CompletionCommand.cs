using System.CommandLine;
using Godwit.Cli.Completion;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit completion SHELL</c>: the script by which a shell completes Godwit's commands.</summary>
internal static class CompletionCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var shell = new Argument<string>("bash|zsh|fish") { Description = "The shell that is to read it." };
        var command = new Command("completion", "Prints a script that completes commands, options and their values in a shell.") { shell };
        command.SetAction(async (parsed, ct) =>
        {
            Command root = GodwitCommandLine.Definitions();
            string script = parsed.GetRequiredValue(shell) switch
            {
                "bash" => BashScript.Of(root),
                "zsh" => ZshScript.Of(root),
                "fish" => FishScript.Of(root),
                var other => throw new CommandException(
                    ExitCode.Usage, $"There is no completion for the shell \"{ArgumentText.Show(other)}\"; write bash, zsh or fish."),
            };
            await context.Output.WriteAsync(script.AsMemory(), ct).ConfigureAwait(false);
            return (int)ExitCode.Success;
        });
        return command;
    }
}
