using System.CommandLine;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit sync SRC DST</c>: copies, then deletes at the destination what the source no longer has.</summary>
internal static class SyncCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Option<RemovalPolicy?> limit = RemovalLimit.Build(
            "Delete nothing when more files than this would be deleted, or more than this share of DST's files (exit 7).");
        Option<bool> allowEmpty = SettingOption.Flag(
            "--allow-empty-source", "Delete also when SRC has no file at all, as one that is not mounted looks.");
        var command = new Command(
            "sync",
            "Copies, then deletes at DST what SRC no longer has: only after everything arrived and both sides were listed to the end.")
        {
            limit, allowEmpty,
        };
        CopyCommand.Complete(
            command,
            context,
            (parsed, policy) => policy with
            {
                Removal = (parsed.GetValue(limit) ?? new RemovalPolicy()) with { AllowEmptySource = parsed.GetValue(allowEmpty) },
            },
            (ends, settings) => Require(ends, settings, context.Wiring));
        return command;
    }

    /// <summary>Refuses ends between which a sync would delete what is not the destination's to lose.</summary>
    private static void Require(TransferEnds ends, CopySettings settings, Wiring wiring)
    {
        if (ends.Single is not null)
        {
            throw new CommandException(ExitCode.Usage, "SRC is a single file, and sync makes one directory like another: use copy.");
        }

        (StoreIdentity from, StoreIdentity to) = (ends.Source.Identity, ends.Destination.Identity);
        if (from.Space == to.Space && from.Root.IsBelow(to.Root))
        {
            throw new CommandException(ExitCode.Usage, $"SRC \"{from}\" lies inside DST \"{to}\": sync would delete SRC there. Name another destination.");
        }

        StateDirectory.RequireOutside(ends.Destination, "DST", "sync would delete it there", settings.State, wiring.Environment);
    }
}
