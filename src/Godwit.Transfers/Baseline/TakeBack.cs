using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Baseline;

/// <summary>What a resend took back, or would.</summary>
/// <param name="Receipts">Files that were delivered and are to be sent again.</param>
/// <param name="Marks">Files of a baseline that are to be sent now.</param>
public sealed record ResendCounts(long Receipts, long Marks)
{
    /// <summary>Files that were to be sent already, and are still.</summary>
    public long Already { get; init; }
}

/// <summary>Takes receipts and the marks of baselines back, so that the next copy sends these files, also where the destination has the same. What the
/// ledger does not know is not meant. Receipts stay with the transfers that made them.</summary>
/// <param name="ledger">Knows them.</param>
/// <param name="time">The clock.</param>
public sealed class TakeBack(ILedger ledger, TimeProvider time)
{
    private const int Page = 1_000;

    /// <summary>Does it, or only counts.</summary>
    /// <param name="places">From where to where.</param>
    /// <param name="scope">Which of these, by the time when they were delivered or marked; its path is not looked at, and its list is of paths below
    /// the source of the places.</param>
    /// <param name="dryRun">Whether the ledger stays as it is.</param>
    /// <param name="ct">Cancels; what was taken back until then stays so.</param>
    public async Task<ResendCounts> RunAsync(ReceiptScope places, BaselineScope scope, bool dryRun, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(scope);

        // Marks first: a receipt that is taken back leaves one, which must not be counted.
        (long marks, long already) = await MarksAsync(places, scope, dryRun, ct).ConfigureAwait(false);
        long receipts = await ReceiptsAsync(places, scope, dryRun, ct).ConfigureAwait(false);
        return new ResendCounts(receipts, marks) { Already = already };
    }

    private async Task<(long Marks, long Already)> MarksAsync(ReceiptScope places, BaselineScope scope, bool dryRun, CancellationToken ct)
    {
        var now = Timestamp.From(time.GetUtcNow());
        long marks = 0, already = 0;
        StorePath? after = null;
        while (true)
        {
            IReadOnlyList<FileMark> page = await ledger.ListMarksAsync(places, after, Page, ct).ConfigureAwait(false);
            already += page.Count(mark => mark.Kind == MarkKind.Resend && IsListed(mark.Source, places, scope));
            FileMark[] taken =
            [
                .. page.Where(mark => mark.Kind == MarkKind.Baseline && IsListed(mark.Source, places, scope) && scope.Takes(mark.Made)),
            ];
            marks += taken.Length;
            if (!dryRun && taken.Length > 0)
            {
                await ledger.RecordMarksAsync([.. taken.Select(mark => mark with { Kind = MarkKind.Resend, Made = now })], ct).ConfigureAwait(false);
            }

            if (page.Count < Page)
            {
                return (marks, already);
            }

            after = page[^1].Source;
        }
    }

    private async Task<long> ReceiptsAsync(ReceiptScope places, BaselineScope scope, bool dryRun, CancellationToken ct)
    {
        var now = Timestamp.From(time.GetUtcNow());
        long receipts = 0;
        StorePath? after = null;
        while (true)
        {
            IReadOnlyList<Receipt> page = await ledger.ListReceiptsAsync(places, after, Page, ct).ConfigureAwait(false);
            FileIntent[] taken =
            [
                .. page.Select(receipt => (receipt.Intent, receipt.Delivered))
                    .Where(one => IsListed(one.Intent.Source, places, scope) && scope.Takes(one.Delivered)).Select(one => one.Intent),
            ];
            receipts += taken.Length;
            if (!dryRun && taken.Length > 0)
            {
                // The mark first: killed in between, the file is sent all the same.
                await ledger.RecordMarksAsync([.. taken.Select(file => MarkOf(file, now))], ct).ConfigureAwait(false);
                await ledger.ForgetDeliveredAsync(places.DestinationSpace, [.. taken.Select(file => file.Destination)], ct).ConfigureAwait(false);
            }

            if (page.Count < Page)
            {
                return receipts;
            }

            after = page[^1].Intent.Source;
        }
    }

    private static bool IsListed(StorePath source, ReceiptScope places, BaselineScope scope) =>
        scope.Files is null || scope.Files.MeetAtOrBelow(source.RelativeTo(places.Source));

    private static FileMark MarkOf(FileIntent file, Timestamp now) => new(
        MarkKind.Resend, file.SourceSpace, file.Source, file.DestinationSpace, file.Destination, file.SourceVersion, file.Length, now);
}
