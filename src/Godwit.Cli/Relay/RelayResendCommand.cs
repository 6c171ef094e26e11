using System.CommandLine;
using Godwit.Cli.Commands;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay resend SRC BOX</c>: on the side that puts in, the next push sends files again. The box is not written to.</summary>
internal static class RelayResendCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new Command(
            "resend",
            "On the host that pushes: takes back what its ledger knows as delivered from SRC into the box, so that the next push sends these files again and they wait again.");
        ResendCommand.Complete(command, context, isBox: true);
        return command;
    }
}
