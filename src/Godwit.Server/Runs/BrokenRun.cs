using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Server.Runs;

/// <summary>A run that could not say at its end what it had done, because the service was killed or the ledger took nothing.</summary>
internal static class BrokenRun
{
    private const int Page = 1000;

    /// <summary>What its receipts tell: what it delivered counts, whoever says so. What it planned besides is planned again by the next run.</summary>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public static async ValueTask<TransferTotals> TotalsAsync(ILedger ledger, string runId, CancellationToken ct)
    {
        var totals = new TransferTotals();
        StorePath? after = null;
        IReadOnlyList<Receipt> page;
        do
        {
            page = await ledger.ListDeliveredAsync(runId, after, Page, ct).ConfigureAwait(false);
            long bytes = page.Sum(receipt => receipt.Intent.Length);
            totals = totals with
            {
                Planned = totals.Planned + page.Count,
                PlannedBytes = totals.PlannedBytes + bytes,
                Delivered = totals.Delivered + page.Count,
                DeliveredBytes = totals.DeliveredBytes + bytes,
                SentBytes = totals.SentBytes + page.Sum(receipt => receipt.SentBytes),
            };
            after = page.Count == Page ? page[^1].Intent.Destination : null;
        }
        while (after is not null);
        return totals;
    }
}
