using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit history</c>: the runs of this state directory, newest first, one line each.</summary>
internal static class HistoryCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Option<int?> limit = SettingOption.Of<int?>("--limit", "N", "Runs at most. Default: 20.", text =>
            int.TryParse(text, out int number) && number > 0 ? number : throw new FormatException("write a whole number above 0"));
        var command = new Command("history", "Lists the runs of this state directory, newest first.") { limit };
        var state = StateOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            ILedger? ledger = await PastRuns.OpenAsync(state, parsed, context.Wiring, ct).ConfigureAwait(false);
            if (ledger is null)
            {
                return (int)ExitCode.Success;
            }

            await using ConfiguredAsyncDisposable _ = ledger.ConfigureAwait(false);
            foreach (TransferRecord run in await ledger.ListTransfersAsync(parsed.GetValue(limit) ?? 20, null, ct).ConfigureAwait(false))
            {
                await context.Output.WriteLineAsync(LineOf(run)).ConfigureAwait(false);
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    private static string LineOf(TransferRecord run)
    {
        string counts = run.Totals is { } totals ? $"{totals.Delivered}/{totals.Planned} files, {SizeText.Show(totals.DeliveredBytes)}" : "";
        string started = run.Started.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        return $"{run.Id}  {started}  {Words.Of(run.Outcome),-11}  {run.Verb}  {run.Source} -> {run.Destination}  {counts}".TrimEnd();
    }
}
