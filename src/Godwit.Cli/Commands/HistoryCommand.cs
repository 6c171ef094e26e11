using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit history</c>: the runs of this state directory, newest first, one line each; or what they did with one file.</summary>
internal static class HistoryCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Option<int?> limit = SettingOption.Of<int?>("--limit", "N", "Lines at most. Default: 20 runs; with --path all.", text =>
            int.TryParse(text, out int number) && number > 0 ? number : throw new FormatException("write a whole number above 0"));
        var path = new Option<string?>("--path")
        {
            HelpName = "P",
            Description = "When, where and with which checksum this file, or what is below this directory, was delivered: /path, a URL or name:path at the source or the destination, or a path below DST. Exit code 4 when no receipt of it counts now.",
            Arity = ArgumentArity.ExactlyOne,
        };
        Option<bool> asJson = SettingOption.Flag("--json", "With --path: one JSON object a line, times in UTC.");
        var command = new Command("history", "Lists the runs of this state directory, newest first; with --path the deliveries of one file.") { path, limit, asJson };
        var state = StateOptions.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(asJson) && result.GetResult(path) is null)
            {
                result.AddError("--json goes with --path. The report of one run as JSON: godwit report ID.");
            }
        });
        command.SetAction(async (parsed, ct) =>
        {
            PlaceSearch? search = parsed.GetValue(path) is { } text ? LedgerPlace.Of("--path", text, context.Wiring) : null;
            ILedger? ledger = await PastRuns.OpenAsync(state, parsed, context.Wiring, ct).ConfigureAwait(false);
            if (ledger is null)
            {
                return search is null ? (int)ExitCode.Success : throw None(parsed.GetValue(path)!);
            }

            await using ConfiguredAsyncDisposable _ = ledger.ConfigureAwait(false);
            if (search is null)
            {
                await ListAsync(ledger, parsed.GetValue(limit) ?? 20, context.Output, ct).ConfigureAwait(false);
            }
            else if (!await TellAsync(ledger, search, parsed.GetValue(limit) ?? int.MaxValue, parsed.GetValue(asJson), context.Wiring, ct).ConfigureAwait(false))
            {
                throw None(parsed.GetValue(path)!);
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    private static async Task ListAsync(ILedger ledger, int limit, TextWriter output, CancellationToken ct)
    {
        foreach (TransferRecord run in await ledger.ListTransfersAsync(limit, null, ct).ConfigureAwait(false))
        {
            await output.WriteLineAsync(LineOf(run)).ConfigureAwait(false);
        }
    }

    private static async Task<bool> TellAsync(ILedger ledger, PlaceSearch search, int limit, bool asJson, Wiring wiring, CancellationToken ct)
    {
        var output = ByteOutput.Standard(wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        var lines = new ReceiptLines(output, asJson, wiring.Time.LocalTimeZone);
        return await PastFiles.TellAsync(ledger, search, limit, lines, ct).ConfigureAwait(false);
    }

    private static CommandException None(string path)
    {
        string where = LedgerPlace.IsBelowDestination(path)
            ? $" It was looked for below DST of every run, not in this directory: for the file that is here, write --path {ArgumentText.Show(Path.GetFullPath(path))}."
            : "";
        return new CommandException(
            ExitCode.FileNotFound, $"No receipt of \"{ArgumentText.Show(path)}\" counts now in this ledger.{where} --state DIR names another ledger.");
    }

    private static string LineOf(TransferRecord run)
    {
        string counts = run.Totals is { } totals ? $"{totals.Delivered}/{totals.Planned} files, {SizeText.Show(totals.DeliveredBytes)}" : "";
        string started = run.Started.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        return $"{run.Id}  {started}  {Words.Of(run.Outcome),-11}  {run.Verb}  {run.Source} -> {run.Destination}  {counts}".TrimEnd();
    }
}
