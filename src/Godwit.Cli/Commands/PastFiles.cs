using System.Runtime.CompilerServices;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Commands;

/// <summary>Files that the ledger knows, read page by page: no lock is held while somebody reads what is told of them.</summary>
internal static class PastFiles
{
    private const int Page = 1000;

    /// <summary>Tells what is known of a place, newest first.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="search">The place.</param>
    /// <param name="limit">How many marks at most, and how many receipts.</param>
    /// <param name="lines">Gets them.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>Whether a receipt counts now.</returns>
    public static async Task<bool> TellAsync(ILedger ledger, PlaceSearch search, int limit, ReceiptLines lines, CancellationToken ct)
    {
        FileMark? mark = null;
        for (int left = limit; left > 0;)
        {
            IReadOnlyList<FileMark> marks = await ledger.FindMarksAsync(search, mark, Math.Min(left, Page), ct).ConfigureAwait(false);
            foreach (FileMark one in marks)
            {
                lines.Write(mark = one);
            }

            left = marks.Count == 0 ? 0 : left - marks.Count;
        }

        bool counts = false;
        Delivery? last = null;
        for (int left = limit; left > 0;)
        {
            IReadOnlyList<Delivery> found = await ledger.FindDeliveriesAsync(search, last, Math.Min(left, Page), ct).ConfigureAwait(false);
            foreach (Delivery one in found)
            {
                lines.Write(last = one);
                counts |= one.IsNewest;
            }

            left = found.Count == 0 ? 0 : left - found.Count;
        }

        return counts;
    }

    /// <summary>What a run delivered, by the paths that it told.</summary>
    public static async IAsyncEnumerable<(Receipt Receipt, StorePath Path)> DeliveredAsync(
        ILedger ledger, TransferRecord run, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (Receipt receipt in ReceiptsAsync(ledger, run.Id, ct).ConfigureAwait(false))
        {
            yield return (receipt, FailedFile.Below(receipt.Intent.Destination, run.DestinationPath));
        }
    }

    /// <summary>The receipts of a run, by the order of their destinations.</summary>
    public static async IAsyncEnumerable<Receipt> ReceiptsAsync(ILedger ledger, string run, [EnumeratorCancellation] CancellationToken ct)
    {
        StorePath? after = null;
        while (true)
        {
            IReadOnlyList<Receipt> page = await ledger.ListDeliveredAsync(run, after, Page, ct).ConfigureAwait(false);
            foreach (Receipt receipt in page)
            {
                yield return receipt;
            }

            if (page.Count < Page)
            {
                yield break;
            }

            after = page[^1].Intent.Destination;
        }
    }
}
