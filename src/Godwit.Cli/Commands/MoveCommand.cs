using System.CommandLine;
using Godwit.Cli.Options;
using Godwit.Cli.State;
using Godwit.Transfers;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit move SRC DST</c>: copies, then deletes each file at the source after its verdict.</summary>
internal static class MoveCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Option<bool> keepDirectories = SettingOption.Flag("--keep-directories", "Leave directories at SRC that become empty, or were.");
        Option<RemovalPolicy?> limit = RemovalLimit.Build(
            "Delete nothing at SRC when more files than this would be deleted there, or more than this share of all files at SRC, those that filters leave out included (exit 7). All of them are copied all the same.");
        var command = new Command(
            "move",
            "Copies, then deletes each file at SRC once it is at DST for certain: verified and recorded, or compared by content where it was there.")
        {
            keepDirectories, limit,
        };
        CopyCommand.Complete(
            command,
            context,
            (parsed, policy) => policy with
            {
                RemoveSource = true,
                SourceRemoval = parsed.GetValue(limit),
                KeepSourceDirectories = parsed.GetValue(keepDirectories),
            },
            (ends, settings) =>
            {
                if (ends.IsThroughLink)
                {
                    throw new CommandException(
                        ExitCode.Usage, "SRC is a link: the file would be deleted where the link leads, and the link left behind. Name the file itself.");
                }

                if (ends.Single is null)
                {
                    StateDirectory.RequireOutside(ends.Source, "SRC", "move would take it away", settings.State, context.Wiring.Environment);
                }
            });
        return command;
    }
}
