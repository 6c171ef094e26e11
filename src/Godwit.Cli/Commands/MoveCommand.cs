using System.CommandLine;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit move SRC DST</c>: copies, then deletes each file at the source after its verdict.</summary>
internal static class MoveCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new Command(
            "move",
            "Copies, then deletes each file at SRC once it is at DST for certain: verified and recorded, or compared byte by byte where it was there.");
        CopyCommand.Complete(command, context, (_, policy) => policy with { RemoveSource = true }, (_, _) => { });
        return command;
    }
}
