using System.CommandLine;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Plans;
using Godwit.Cli.Runs;
using Godwit.Transfers;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit copy SRC DST</c>: new and changed files; never deletes. <c>sync</c> and <c>move</c> are the same and delete afterwards.</summary>
internal static class CopyCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new Command("copy", "Copies new and changed files and proves that they arrived. Never deletes.");
        Complete(command, context, (_, policy) => policy, (_, _) => { });
        return command;
    }

    /// <summary>Adds to a command what all transfers have in common, and runs it.</summary>
    /// <param name="command">The command, with the options that only it has.</param>
    /// <param name="context">What it writes to.</param>
    /// <param name="policyOf">What only this command does.</param>
    /// <param name="require">Throws where this command cannot be run between these ends.</param>
    public static void Complete(
        Command command, CommandContext context, Func<ParseResult, TransferPolicy, TransferPolicy> policyOf, Action<TransferEnds, CopySettings> require)
    {
        var line = TransferLine.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            OrderedTransfer ordered = await line.ReadAsync(parsed, context.Wiring, policy => policyOf(parsed, policy), ct).ConfigureAwait(false);
            CopySettings settings = ordered.Settings;
            using PlanFileReader? plan = await PlanToRun.OpenAsync(settings, line.Deciding(parsed), context.Wiring, ct).ConfigureAwait(false);
            settings = plan is null ? settings : PlanToRun.Onto(settings, plan.Header);
            context.Wiring.Sftp.UsesChecksums = settings.Policy is not { Verify: VerifyBy.Size, Compare: not CompareBy.Checksum };
            TransferEnds ends = await (ordered with { Settings = settings }).FindAsync(context.Wiring, ct).ConfigureAwait(false);
            require(ends, settings);
            if (plan is not null)
            {
                PlanToRun.Require(plan.Header, command.Name, ends);
            }

            ends = settings.BackupDirectory is { } backup ? BackupDirectory.AddTo(ends, backup, context.Wiring) : ends;
            ends = plan is null ? ends : PlanToRun.WithBackup(ends, plan.Header, ordered.To, context.Wiring);
            return (int)await new RunTransfer(command.Name, settings, context) { Saved = plan?.Plan }.RunAsync(ends, ct).ConfigureAwait(false);
        });
    }
}
