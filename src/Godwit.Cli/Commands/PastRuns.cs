using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Cli.Commands;

/// <summary>Runs of this state directory, as the ledger keeps them.</summary>
internal static class PastRuns
{
    private const int Page = 1000;

    /// <summary>Opens the ledger; null where there never was a run, and then nothing is made.</summary>
    public static async Task<ILedger?> OpenAsync(StateOptions options, ParseResult parsed, Wiring wiring, CancellationToken ct)
    {
        // A configuration that is wrong is said wherever one may be named.
        _ = wiring.Configuration.InForce(wiring.Environment);
        string directory = StateDirectory.Choose(options.Read(parsed), wiring.Environment);
        return File.Exists(Path.Combine(directory, SqliteLedger.FileName))
            ? wiring.DressLedger(await SqliteLedger.OpenAsync(directory, wiring.Time, ct).ConfigureAwait(false))
            : null;
    }

    /// <summary>Makes a command tell of the run whose id begins with the letters of its argument.</summary>
    /// <param name="command">The command; gets its argument and options here.</param>
    /// <param name="context">What it writes to.</param>
    /// <param name="tell">Tells.</param>
    public static void TellOfOne(
        Command command, CommandContext context, Func<ParseResult, ILedger, TransferRecord, CancellationToken, Task> tell)
    {
        var id = new Argument<string>("ID") { Description = "The run's id, or its first letters. See: godwit history" };
        command.Add(id);
        var state = StateOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            string letters = parsed.GetRequiredValue(id);
            ILedger ledger = await OpenAsync(state, parsed, context.Wiring, ct).ConfigureAwait(false) ?? throw Unknown(letters);
            await using ConfiguredAsyncDisposable _ = ledger.ConfigureAwait(false);
            await tell(parsed, ledger, await FindAsync(ledger, letters, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
            return (int)ExitCode.Success;
        });
    }

    /// <summary>The files of a run that failed, by the paths that it told of them.</summary>
    public static async IAsyncEnumerable<FailedFile> FailedAsync(ILedger ledger, TransferRecord run)
    {
        StorePath? after = null;
        while (true)
        {
            IReadOnlyList<FileAttempt> page = await ledger.ListFailedAsync(run.Id, after, Page, CancellationToken.None).ConfigureAwait(false);
            foreach (FileAttempt attempt in page)
            {
                yield return FailedFile.From(attempt, run);
            }

            if (page.Count < Page)
            {
                yield break;
            }

            after = page[^1].Destination;
        }
    }

    /// <summary>How a run ended, as far as the ledger knows. What it delivered is known also of one that was killed before it could say.</summary>
    public static async Task<RunEnd> EndOfAsync(ILedger ledger, TransferRecord record, CancellationToken ct)
    {
        var verdicts = new SortedDictionary<Verdict, long>();
        var proofs = new SortedDictionary<SourceProof, long>();
        var known = new TransferTotals();
        Timestamp last = record.Started;
        await foreach ((Receipt receipt, _) in PastFiles.DeliveredAsync(ledger, record, ct).ConfigureAwait(false))
        {
            verdicts[receipt.Verdict] = verdicts.GetValueOrDefault(receipt.Verdict) + 1;
            proofs[receipt.SourceProof] = proofs.GetValueOrDefault(receipt.SourceProof) + 1;
            known = known with { Delivered = known.Delivered + 1, DeliveredBytes = known.DeliveredBytes + receipt.Intent.Length };
            last = receipt.Delivered > last ? receipt.Delivered : last;
        }

        RunEnd end = EndOf(record) with { Verdicts = verdicts, SourceProofs = proofs };
        return record.Totals is not null ? end : await WithoutPlanAsync(ledger, record, end, known, last).ConfigureAwait(false);
    }

    /// <summary>Of a run that said nothing at its end: its claim was renewed last some time before, and receipts are newer.</summary>
    private static async Task<RunEnd> WithoutPlanAsync(ILedger ledger, TransferRecord record, RunEnd end, TransferTotals known, Timestamp last)
    {
        await foreach (FailedFile failed in FailedAsync(ledger, record).ConfigureAwait(false))
        {
            known = known with { Failed = known.Failed + 1, FailedRetryable = known.FailedRetryable + (failed.MayPass ? 1 : 0) };
        }

        Timestamp? ended = record.Ended is { } told && told < last ? last : record.Ended;
        return end with
        {
            Totals = known with { Planned = known.Delivered + known.Failed, PlannedBytes = known.DeliveredBytes },
            PlanIsUnknown = true,
            Ended = ended,
            Took = TookOf(record.Started, ended),
        };
    }

    private static RunEnd EndOf(TransferRecord record) => new()
    {
        Id = record.Id,
        Verb = record.Verb,
        Source = record.Source,
        Destination = record.Destination,
        Outcome = record.Outcome,
        Totals = record.Totals ?? new TransferTotals(),
        Started = record.Started,
        Ended = record.Ended,
        ListingIncomplete = null,
        Took = TookOf(record.Started, record.Ended),
    };

    private static TimeSpan TookOf(Timestamp started, Timestamp? ended) =>
        ended is { } moment ? moment.ToDateTimeOffset() - started.ToDateTimeOffset() : TimeSpan.Zero;

    private static async Task<TransferRecord> FindAsync(ILedger ledger, string prefix, CancellationToken ct)
    {
        // Ids are letters and digits; anything else finds nothing.
        IReadOnlyList<TransferRecord> found = prefix.Length == 0 || !prefix.All(char.IsAsciiLetterOrDigit)
            ? []
            : await ledger.FindTransfersAsync(prefix.ToLowerInvariant(), ct).ConfigureAwait(false);
        return found switch
        {
            [var one] => one,
            [] => throw Unknown(prefix),
            _ => throw new CommandException(ExitCode.Usage, $"More than one run's id begins with \"{prefix}\". Write more of it."),
        };
    }

    private static CommandException Unknown(string prefix) => new(
        ExitCode.Usage, $"No run's id begins with \"{ArgumentText.Show(prefix)}\". See: godwit history");
}
