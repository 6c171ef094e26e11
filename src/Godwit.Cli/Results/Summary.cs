using System.Text;
using Godwit.Cli.Options;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>One line that says how a run went, fit for a logbook.</summary>
internal static class Summary
{
    /// <summary>The line.</summary>
    public static string Of(RunEnd end)
    {
        TransferTotals totals = end.Totals;

        // What a dry run found wrong is wrong, although it did what it was to do.
        string outcome = end is { DryRun: true, Outcome: TransferOutcome.Success, Totals.Failed: > 0 } ? "PARTIAL" : Words.Of(end.Outcome).ToUpperInvariant();
        var line = new StringBuilder($"{end.Verb} {outcome}: ");
        if (end.DryRun)
        {
            line.Append($"dry run, nothing was written; would move {Files(totals.Planned - totals.Failed - totals.NotAttempted)}, {SizeText.Show(totals.PlannedBytes)}");
        }
        else if (end.PlanIsUnknown)
        {
            line.Append($"{Files(totals.Delivered)} delivered, {SizeText.Show(totals.DeliveredBytes)} in {DurationText.Show(end.Took)}; how many were planned is not known");
        }
        else
        {
            double seconds = Math.Max(end.Took.TotalSeconds, 0.001);
            line.Append($"{totals.Delivered} of {Files(totals.Planned)} delivered, {SizeText.Show(totals.DeliveredBytes)} ");
            line.Append($"in {DurationText.Show(end.Took)} ({SizeText.Show(totals.SentBytes / seconds)}/s)");
        }

        foreach (string part in Parts(end))
        {
            line.Append("; ").Append(part);
        }

        return line.Append($"; id {end.Id}").ToString();
    }

    private static IEnumerable<string> Parts(RunEnd end)
    {
        TransferTotals totals = end.Totals;
        if (end.FoundNothingWaiting)
        {
            yield return "nothing waits";
        }

        if (end.Verdicts is { Count: > 0 } verdicts)
        {
            yield return "verified " + string.Join(", ", verdicts.Select(pair => $"{Words.Of(pair.Key)} {pair.Value}"));
        }

        long unproved = end.SourceProofs?.GetValueOrDefault(SourceProof.Missing) ?? 0;
        (string Text, long Count)[] counts =
        [
            ($"{Files(totals.Failed)} FAILED ({totals.FailedRetryable} may pass on a retry)", totals.Failed),
            ($"{totals.NotAttempted} {(end.DryRun ? "would not be begun" : "not attempted")}", totals.NotAttempted),
            (Unchanged(end), totals.Unchanged),
            ($"{totals.Deleted} {(end.DryRun ? "would be deleted" : "deleted")}", totals.Deleted),
            ($"{totals.BackedUp} {(end.DryRun ? "would be put aside" : "put aside")} in --backup-dir", totals.BackedUp),
            (Links(end), totals.SkippedLinks),
            ($"{Amount.Of(totals.SkippedSpecial, "special file")} {(end.LeavesSource ? "LEFT at the source, which no option moves" : "skipped")}", totals.SkippedSpecial),
            (EmptyDirectories(totals.EmptyDirectories), totals.EmptyDirectories),
            ($"{totals.Filtered} filtered", totals.Filtered),
            ($"{totals.BeforeBaseline} before the baseline", totals.BeforeBaseline),
            ($"{totals.Unsettled} still changing", totals.Unsettled),
            ($"{unproved} read without a checksum at the source to compare with", unproved),
            (Amount.Of(totals.Retries, "retry"), totals.Retries),
        ];
        foreach ((string text, long _) in counts.Where(pair => pair.Count > 0))
        {
            yield return text;
        }

        // What a guard refused is told as such.
        if (end is { Kept: { } kept, Stopped: not StopReason.GuardRefused })
        {
            string stays = end.DryRun ? "would NOT be" : kept.Files == 1 ? "was NOT" : "were NOT";
            yield return $"{Files(kept.Files)} that only the destination has {stays} deleted, because {kept.Reason}";
        }

        if (end.Stopped != StopReason.None)
        {
            bool again = end.Stopped is StopReason.Canceled or StopReason.TimeBudget or StopReason.MaxTransfer or StopReason.StoreUnusable;
            yield return end is { DryRun: true, Stopped: StopReason.MaxTransfer } ? $"would stop: {Words.Of(end.Stopped)}"
                : $"stopped: {Words.Of(end.Stopped)}{(again ? ", the same command goes on from here" : "")}";
        }

        if (end.ListingIncomplete == true)
        {
            yield return "the listing is NOT complete";
        }
    }

    /// <summary>What nobody compared may be anything.</summary>
    private static string Unchanged(RunEnd end) => !end.LeavesStanding ? $"{end.Totals.Unchanged} unchanged"
        : $"{end.Totals.Unchanged} there already and left as {(end.Totals.Unchanged == 1 ? "it is" : "they are")}";

    /// <summary>After a move, somebody counts on the source being empty.</summary>
    private static string Links(RunEnd end)
    {
        long count = end.Totals.SkippedLinks;
        string links = Amount.Of(count, "link");
        return end.LeavesSource ? $"{links} LEFT at the source; --links keep moves links, --links follow what they lead to" : $"{links} skipped";
    }

    private static string EmptyDirectories(long count) =>
        $"{(count == 1 ? "1 empty directory has" : $"{count} empty directories have")} no place at the destination, which keeps none";

    private static string Files(long count) => Amount.Of(count, "file");
}
