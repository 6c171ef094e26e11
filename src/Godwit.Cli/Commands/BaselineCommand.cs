using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Baseline;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit baseline SRC DST</c>: counts what is at the source now as delivered, without sending it.</summary>
internal static class BaselineCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new Command(
            "baseline", "Counts the files at SRC, as they are now, as delivered to DST without sending them: later copies leave them out and say how many.");
        var options = BaselineOptions.AddTo(command, "changed", context.Wiring.Time);
        command.SetAction(async (parsed, ct) =>
        {
            BaselineScope scope = await options.ScopeOfAsync(parsed, context.Wiring, ct).ConfigureAwait(false);
            TransferEnds ends = await options.FindAsync(parsed, scope, context.Wiring, ct).ConfigureAwait(false);
            IStore source = Reach.Dress(ends.Source, StoreSide.Source, context.Wiring, ends.Limits.Source.Transfers);
            await using ConfiguredAsyncDisposable closingSource = source.ConfigureAwait(false);
            IStore destination = Reach.Dress(ends.Destination, StoreSide.Destination, context.Wiring, ends.Limits.Destination.Transfers);
            await using ConfiguredAsyncDisposable closingDestination = destination.ConfigureAwait(false);
            if (!scope.Path.IsRoot && await source.StatAsync(scope.Path, ct).ConfigureAwait(false) is null)
            {
                throw new CommandException(ExitCode.FileNotFound, $"--path \"{scope.Path}\" is not there below SRC. Check its name.");
            }

            bool dryRun = options.IsDryRun(parsed);
            ILedger? ledger = dryRun
                ? await PastRuns.OpenAsync(options.State, parsed, context.Wiring, ct).ConfigureAwait(false)
                : await MakeLedgerAsync(options.State.Read(parsed), context.Wiring, ct).ConfigureAwait(false);
            try
            {
                var request = new TransferRequest { Id = "", Verb = "baseline", Source = source, Destination = destination, Single = ends.Single };
                var facts = new ExitFacts();
                BaselineCounts counts = await new SetBaseline(request, ledger, ScratchFile.Open, context.Wiring.Time).RunAsync(
                    scope,
                    dryRun,
                    async error => facts = await facts.ReportAsync(error, error.Path ?? StorePath.Root, context.Error)
                        .ConfigureAwait(false),
                    ct).ConfigureAwait(false);
                await options.TellAsync(parsed, context.Output, Sentence(counts, options.SpanOf(parsed, scope, "changed")), json =>
                {
                    json.WriteNumber("marked", counts.Marked);
                    json.WriteNumber("bytes", counts.Bytes);
                    json.WriteNumber("delivered_before", counts.DeliveredBefore);
                    json.WriteNumber("out_of_bounds", counts.OutOfBounds);
                    json.WriteNumber("unknown", counts.Unknown);
                }).ConfigureAwait(false);
                long missing = await FilterArguments.ReportNotMetAsync(scope.Files, "is not there", context.Error).ConfigureAwait(false);
                facts = facts with { ForGood = facts.ForGood + missing };
                return counts.Marked + counts.DeliveredBefore + counts.Unknown > 0 || facts.Choose() != ExitCode.Success
                    ? (int)facts.Choose()
                    : throw new CommandException(
                        ExitCode.FileNotFound, "Nothing is marked: no file at SRC is meant. Check SRC, --path, --since and --before.");
            }
            finally
            {
                if (ledger is not null)
                {
                    await ledger.DisposeAsync().ConfigureAwait(false);
                }
            }
        });
        return command;
    }

    private static async Task<ILedger> MakeLedgerAsync(string? state, Wiring wiring, CancellationToken ct)
    {
        string directory = StateDirectory.Make(state, wiring.Environment);
        return wiring.DressLedger(await SqliteLedger.OpenAsync(directory, wiring.Time, ct).ConfigureAwait(false));
    }

    private static string Sentence(BaselineCounts counts, string span)
    {
        string[] parts =
        [
            $"baseline: {Files(counts.Marked)} ({SizeText.Show(counts.Bytes)}) {(counts.Marked == 1 ? "counts" : "count")} as delivered",
            .. counts.DeliveredBefore > 0 ? [$"{counts.DeliveredBefore} were delivered before"] : Array.Empty<string>(),
            .. counts.OutOfBounds > 0 ? [$"{counts.OutOfBounds} changed at another time"] : Array.Empty<string>(),
            .. counts.Unknown > 0 ? [$"{counts.Unknown} whose time or version is not known got no mark"] : Array.Empty<string>(),
            .. span.Length > 0 ? [$"only what was {span}"] : Array.Empty<string>(),
            "DST was not looked at",
        ];
        return string.Join("; ", parts);
    }

    private static string Files(long count) => Amount.Of(count, "file");
}
