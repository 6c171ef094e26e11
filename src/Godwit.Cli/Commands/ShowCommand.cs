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
        Option<bool> files = SettingOption.Flag("--files", "The files that it delivered instead, one a line: path, bytes, how it was verified, checksums.");
        Option<bool> asJson = SettingOption.Flag("--json", "As JSON: with --files one object a line, without it the report.");
        var command = new Command("show", "Shows how one run went, with the files that failed.") { files, asJson };
        PastRuns.TellOfOne(command, context, (parsed, ledger, run, ct) => parsed.GetValue(files)
            ? TellFilesAsync(parsed.GetValue(asJson), context.Wiring, ledger, run, ct)
            : parsed.GetValue(asJson) ? ReportCommand.TellAsync(context.Output, ledger, run, ct)
            : TellAsync(context.Output, ledger, run, ct));
        return command;
    }

    private static async Task TellFilesAsync(bool asJson, Wiring wiring, ILedger ledger, TransferRecord run, CancellationToken ct)
    {
        var output = ByteOutput.Standard(wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        var lines = new ReceiptLines(output, asJson, wiring.Time.LocalTimeZone);
        await foreach ((Receipt receipt, Storage.StorePath path) in PastFiles.DeliveredAsync(ledger, run, ct).ConfigureAwait(false))
        {
            lines.Write(receipt, path);
        }
    }

    private static async Task TellAsync(TextWriter output, ILedger ledger, TransferRecord run, CancellationToken ct)
    {
        RunEnd end = await PastRuns.EndOfAsync(ledger, run, ct).ConfigureAwait(false);
        await output.WriteLineAsync($"from     {run.Source}").ConfigureAwait(false);
        await output.WriteLineAsync($"to       {run.Destination}").ConfigureAwait(false);
        await output.WriteLineAsync($"started  {run.Started}").ConfigureAwait(false);
        await output.WriteLineAsync($"ended    {end.Ended?.ToString() ?? "not yet"}").ConfigureAwait(false);
        await output.WriteLineAsync(Summary.Of(end)).ConfigureAwait(false);
        await foreach (FailedFile file in PastRuns.FailedAsync(ledger, run).WithCancellation(ct).ConfigureAwait(false))
        {
            await output.WriteLineAsync(file.ToString()).ConfigureAwait(false);
        }
    }
}
