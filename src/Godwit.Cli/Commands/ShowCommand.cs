using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit show ID</c>: one run for people.</summary>
internal static class ShowCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The run's id, or its first letters. See: godwit history" };
        var command = new Command("show", "Shows how one run went, with the files that failed.") { id };
        var state = StateOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            string letters = parsed.GetRequiredValue(id);
            ILedger ledger = await PastRuns.OpenAsync(state, parsed, context.Wiring, ct).ConfigureAwait(false) ?? throw PastRuns.Unknown(letters);
            await using ConfiguredAsyncDisposable _ = ledger.ConfigureAwait(false);
            TransferRecord run = await PastRuns.FindAsync(ledger, letters, ct).ConfigureAwait(false);
            TextWriter output = context.Output;
            await output.WriteLineAsync($"from     {run.Source}").ConfigureAwait(false);
            await output.WriteLineAsync($"to       {run.Destination}").ConfigureAwait(false);
            await output.WriteLineAsync($"started  {run.Started}").ConfigureAwait(false);
            await output.WriteLineAsync($"ended    {run.Ended?.ToString() ?? "not yet"}").ConfigureAwait(false);
            await output.WriteLineAsync(Summary.Of(PastRuns.EndOf(run))).ConfigureAwait(false);
            await foreach (FailedFile file in PastRuns.FailedAsync(ledger, run.Id).WithCancellation(ct).ConfigureAwait(false))
            {
                await output.WriteLineAsync(file.ToString()).ConfigureAwait(false);
            }

            return (int)ExitCode.Success;
        });
        return command;
    }
}
