using System.CommandLine;
using Godwit.Cli.Results;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit show ID</c>: one run for people.</summary>
internal static class ShowCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new Command("show", "Shows how one run went, with the files that failed.");
        PastRuns.TellOfOne(command, context, (ledger, run, ct) => TellAsync(context.Output, ledger, run, ct));
        return command;
    }

    private static async Task TellAsync(TextWriter output, ILedger ledger, TransferRecord run, CancellationToken ct)
    {
        await output.WriteLineAsync($"from     {run.Source}").ConfigureAwait(false);
        await output.WriteLineAsync($"to       {run.Destination}").ConfigureAwait(false);
        await output.WriteLineAsync($"started  {run.Started}").ConfigureAwait(false);
        await output.WriteLineAsync($"ended    {run.Ended?.ToString() ?? "not yet"}").ConfigureAwait(false);
        await output.WriteLineAsync(Summary.Of(PastRuns.EndOf(run))).ConfigureAwait(false);
        await foreach (FailedFile file in PastRuns.FailedAsync(ledger, run).WithCancellation(ct).ConfigureAwait(false))
        {
            await output.WriteLineAsync(file.ToString()).ConfigureAwait(false);
        }
    }
}
