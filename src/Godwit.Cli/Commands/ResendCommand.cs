using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Transfers;
using Godwit.Transfers.Baseline;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit resend SRC DST</c>: takes receipts and the marks of a baseline back, so that the next copy sends these files again.</summary>
internal static class ResendCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new Command(
            "resend",
            "Takes back what the ledger knows as delivered from SRC to DST, and what a baseline counts so: the next copy sends these files again, also where DST has the same.");
        Complete(command, context, isBox: false);
        return command;
    }

    /// <summary>Adds to a command what a resend is, and runs it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="context">What it writes to.</param>
    /// <param name="isBox">Whether the destination is a drop box.</param>
    public static void Complete(Command command, CommandContext context, bool isBox)
    {
        var options = BaselineOptions.AddTo(command, "delivered, or marked by a baseline,", context.Wiring.Time, isBox);
        command.SetAction(async (parsed, ct) =>
        {
            BaselineScope scope = await options.ScopeOfAsync(parsed, context.Wiring, ct).ConfigureAwait(false);
            TransferEnds ends = await options.FindAsync(parsed, scope, context.Wiring, ct).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable closingSource = ends.Source.ConfigureAwait(false);
            await using ConfiguredAsyncDisposable closingDestination = ends.Destination.ConfigureAwait(false);
            var counts = new ResendCounts(0, 0);
            if (await PastRuns.OpenAsync(options.State, parsed, context.Wiring, ct).ConfigureAwait(false) is { } ledger)
            {
                await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
                counts = await new TakeBack(ledger, context.Wiring.Time)
                    .RunAsync(BaselineOptions.PlacesOf(ends, scope), scope, options.IsDryRun(parsed), ct).ConfigureAwait(false);
            }

            await options.TellAsync(parsed, context.Output, Sentence(counts, options.SpanOf(parsed, scope, "delivered or marked")), json =>
            {
                json.WriteNumber("files", counts.Receipts + counts.Marks);
                json.WriteNumber("delivered", counts.Receipts);
                json.WriteNumber("before_baseline", counts.Marks);
                json.WriteNumber("already", counts.Already);
            }).ConfigureAwait(false);
            long unknown = await FilterArguments.ReportNotMetAsync(scope.Files, "the ledger knows of no delivery of it", context.Error)
                .ConfigureAwait(false);
            return counts.Receipts + counts.Marks + counts.Already > 0
                ? (int)new ExitFacts { ForGood = unknown }.Choose()
                : throw new CommandException(
                    ExitCode.FileNotFound, "Nothing is taken back: the ledger knows of no delivered file that is meant. Check SRC, DST, --path, --since and --before.");
        });
    }

    private static string Sentence(ResendCounts counts, string span)
    {
        long files = counts.Receipts + counts.Marks;
        if (files == 0 && counts.Already > 0)
        {
            return $"resend: {Amount.Of(counts.Already, "file")} {(counts.Already == 1 ? "was" : "were")} to be sent by the next copy already; there is nothing else to take back";
        }

        string of = files == 0
            ? "; the ledger knows of none there: --compare always sends what it does not know"
            : $": {counts.Receipts} delivered, {counts.Marks} of a baseline";
        string already = counts.Already > 0 ? $"; {counts.Already} were to be sent already" : "";
        return $"resend: {files} {(files == 1 ? "file" : "files")} will be sent by the next copy{of}{already}{(span.Length > 0 ? $"; only what was {span}" : "")}";
    }
}
