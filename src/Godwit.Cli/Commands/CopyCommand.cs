using System.CommandLine;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Cli.Plans;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Filters;

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
        var source = new Argument<string>("SRC") { Description = "A file, or a directory: its contents are meant." };
        var destination = new Argument<string>("DST")
        {
            Description = "A directory, or the new name of a single file. A single file goes into DST when DST ends in / or is a directory.",
        };
        command.Add(source);
        command.Add(destination);
        var options = CopyOptions.AddTo(command);
        var filters = FilterArguments.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            FilterSelection selection = await filters.ReadAsync(parsed, context.Wiring, columns: true, ct).ConfigureAwait(false);
            EntryFilter filter = selection.Files is { } files ? selection.Filter with { Missing = () => files.NotMet } : selection.Filter;
            var from = Address.Parse("SRC", parsed.GetRequiredValue(source), context.Wiring);
            var to = Address.Parse("DST", parsed.GetRequiredValue(destination), context.Wiring);
            CopySettings settings = options.Read(
                parsed, context.Wiring, filter, [from.Endpoint, to.Endpoint], policy => policyOf(parsed, policy));
            settings = settings with { Listed = selection.Listed, Files = selection.Files, ListFiles = filters.ListsOf(parsed) };
            using PlanFileReader? plan = await PlanToRun.OpenAsync(settings, options.Deciding(parsed), context.Wiring, ct).ConfigureAwait(false);
            settings = plan is null ? settings : PlanToRun.Onto(settings, plan.Header);
            context.Wiring.Sftp.UsesChecksums = settings.Policy is not { Verify: VerifyBy.Size, Compare: not CompareBy.Checksum };
            TransferEnds ends = await TransferEnds.FindAsync(from, to, settings.Policy.Links, context.Wiring, ct).ConfigureAwait(false);
            RequireList(settings, ends);
            RequireRoute(settings, ends);
            require(ends, settings);
            if (plan is not null)
            {
                PlanToRun.Require(plan.Header, command.Name, ends);
            }

            ends = settings.BackupDirectory is { } backup ? BackupDirectory.AddTo(ends, backup, context.Wiring) : ends;
            ends = plan is null ? ends : PlanToRun.WithBackup(ends, plan.Header, to, context.Wiring);
            return (int)await new RunTransfer(command.Name, settings, context) { Saved = plan?.Plan }.RunAsync(ends, ct).ConfigureAwait(false);
        });
    }

    /// <summary>Refuses a route that these two places do not have: no file could be moved.</summary>
    private static void RequireRoute(CopySettings settings, TransferEnds ends)
    {
        try
        {
            _ = PairFacts.Of(ends.Source, ends.Destination, settings.Policy);
        }
        catch (StoreException e)
        {
            throw new CommandException(ExitCode.Usage, e.Message);
        }
    }

    /// <summary>Refuses a list with columns that cannot be carried out, before anything is done.</summary>
    private static void RequireList(CopySettings settings, TransferEnds ends)
    {
        if (settings.Listed is not { } listed)
        {
            return;
        }

        string? fault = ends.Single is not null ? "SRC is a single file, and --files-from with columns names files below a directory. Name the directory."
            : settings.Policy.Removal is not null ? "sync makes DST like SRC, and --files-from gives files other names or checksums there: use copy or move."
            : settings.PassedBy is { } route && listed.HasChecksums
                ? $"Checksums in --files-from cannot be held against anything with {route}: the bytes do not pass through Godwit. Leave out one of them."
            : null;
        if (fault is not null)
        {
            throw new CommandException(ExitCode.Usage, fault);
        }

        IReadOnlyList<string> faults = listed.Faults(ends.Source.Identity, ends.Destination.Identity, settings.Policy.RemoveSource);
        if (faults.Count > 0)
        {
            throw new CommandException(ExitCode.Usage, faults);
        }
    }
}
