using System.CommandLine;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit copy SRC DST</c>: new and changed files; never deletes.</summary>
internal static class CopyCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var source = new Argument<string>("SRC") { Description = "A file, or a directory: its contents are copied." };
        var destination = new Argument<string>("DST")
        {
            Description = "A directory, or the new name of a single file. A single file goes into DST when DST ends in / or is a directory.",
        };
        var command = new Command("copy", "Copies new and changed files and proves that they arrived. Never deletes.") { source, destination };
        var options = CopyOptions.AddTo(command);
        var filters = FilterArguments.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            FilterSelection selection = await filters.ReadAsync(parsed, context.Wiring, ct).ConfigureAwait(false);
            EntryFilter filter = selection.Files is { } files ? selection.Filter with { Missing = () => files.NotMet } : selection.Filter;
            CopySettings settings = options.Read(parsed, context.Wiring, filter);
            var from = Address.Parse("SRC", parsed.GetRequiredValue(source));
            var to = Address.Parse("DST", parsed.GetRequiredValue(destination));
            TransferEnds ends = await TransferEnds.FindAsync(from, to, settings.Policy.Links, context.Wiring, ct).ConfigureAwait(false);
            return (int)await new RunTransfer("copy", settings, context).RunAsync(ends, ct).ConfigureAwait(false);
        });
        return command;
    }
}
