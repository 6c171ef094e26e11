using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan;

/// <summary>What the ledger says was delivered, in the shape of a listing of the destination: a rerun then lists only the source.</summary>
internal sealed class ReceiptListing(ILedger ledger, StoreIdentity source, StoreIdentity destination)
{
    private const int PageReceipts = 1_000;

    /// <summary>One entry for each receipt, at its place below the source's root. Its version is the source version that was delivered.</summary>
    public async IAsyncEnumerable<ListingChunk> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var scope = new ReceiptScope(source.Space, source.Root, destination.Space, destination.Root);
        StorePath? after = null;
        while (true)
        {
            IReadOnlyList<Receipt> page = await ledger.ListReceiptsAsync(scope, after, PageReceipts, ct).ConfigureAwait(false);
            var entries = new List<StoreEntry>(page.Count);
            foreach (Receipt receipt in page)
            {
                StorePath path = receipt.Intent.Source.RelativeTo(source.Root);

                // A file once delivered to another name below the same root says nothing about this one.
                if (path.IsRoot || receipt.Intent.Destination != destination.Absolute(path))
                {
                    continue;
                }

                entries.Add(new StoreEntry
                {
                    Path = path,
                    Kind = EntryKind.File,
                    Length = receipt.Intent.Length,
                    ResumeVersion = receipt.Intent.SourceVersion,
                });
            }

            if (entries.Count > 0)
            {
                yield return new ListingChunk(entries, []);
            }

            if (page.Count < PageReceipts)
            {
                yield break;
            }

            after = page[^1].Intent.Source;
        }
    }
}
