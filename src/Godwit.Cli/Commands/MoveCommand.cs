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
            "Copies, then deletes each file at SRC once it is at DST for certain: verified and recorded, or compared by content where it was there.");
        CopyCommand.Complete(
            command,
            context,
            (_, policy) => policy with { RemoveSource = true },
            (ends, _) =>
            {
                if (ends.IsThroughLink)
                {
                    throw new CommandException(
                        ExitCode.Usage, "SRC is a link: the file would be deleted where the link leads, and the link left behind. Name the file itself.");
                }
            });
        return command;
    }
}
