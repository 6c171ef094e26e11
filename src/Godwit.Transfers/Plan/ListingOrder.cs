using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>
/// The order in which both sides are walked: by key, and after all others the paths that a store with names in Unicode keeps under other
/// names. Such a store tells them where their other name comes, which nobody can foresee; put last, they are at one place on both sides.
/// </summary>
internal static class ListingOrder
{
    private const int ChunkEntries = 512;

    public static int Compare(StoreEntry left, StoreEntry right)
    {
        bool leftIsLast = left.Path.MayBeEncoded;
        return leftIsLast != right.Path.MayBeEncoded ? (leftIsLast ? 1 : -1) : StoreEntry.CompareByKey(left, right);
    }

    /// <summary>The same chunks, with those paths taken out and put behind all others, in order.</summary>
    public static async IAsyncEnumerable<ListingChunk> EncodedLastAsync(
        IAsyncEnumerable<ListingChunk> chunks, OpenScratch openScratch, int sortInMemory, [EnumeratorCancellation] CancellationToken ct)
    {
        using var last = new ExternalSort<StoreEntry>(StoreEntry.CompareByKey, EntryCodec.Instance, openScratch, sortInMemory);
        bool any = false;
        await foreach (ListingChunk chunk in chunks.WithCancellation(ct).ConfigureAwait(false))
        {
            if (!chunk.Entries.Any(entry => entry.Path.MayBeEncoded))
            {
                yield return chunk;
                continue;
            }

            any = true;
            foreach (StoreEntry entry in chunk.Entries.Where(entry => entry.Path.MayBeEncoded))
            {
                last.Add(entry);
            }

            yield return chunk with { Entries = [.. chunk.Entries.Where(entry => !entry.Path.MayBeEncoded)] };
        }

        foreach (StoreEntry[] entries in any ? last.InOrder().Chunk(ChunkEntries) : [])
        {
            yield return new ListingChunk(entries, []);
        }
    }
}
