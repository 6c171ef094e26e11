using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>A listing for a filter that chooses by time: what does not show its time is looked at, where the rest of the filter takes it.</summary>
public static class TimedListing
{
    /// <summary>Looks at once: a look is a short call over a network, and thousands of them come together.</summary>
    internal const int Looks = 32;

    /// <summary>As <see cref="TreeListing.ReadAsync"/>. A file that cannot be looked at is told as unreadable; one that is gone by then is
    /// given as it was listed.</summary>
    /// <exception cref="StoreException">The root itself cannot be listed.</exception>
    public static async IAsyncEnumerable<ListingChunk> ReadAsync(
        IStore store, TreeListingOptions options, EntryFilter filter, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(filter);
        await foreach (ListingChunk chunk in TreeListing.ReadAsync(store, options, ct).ConfigureAwait(false))
        {
            yield return filter.ByTime ? await LookAsync(store, chunk, filter, ct).ConfigureAwait(false) : chunk;
        }
    }

    /// <summary>The entry as looking at it tells it; as it was listed where it is gone by now.</summary>
    internal static async ValueTask<StoreEntry> LookAsync(IStore store, StoreEntry entry, CancellationToken ct) =>
        entry.Modified is not null ? entry : await store.StatAsync(entry.Path, ct).ConfigureAwait(false) ?? entry;

    private static async Task<ListingChunk> LookAsync(IStore store, ListingChunk chunk, EntryFilter filter, CancellationToken ct)
    {
        StoreEntry?[] entries = [.. chunk.Entries];
        int[] open = [.. Enumerable.Range(0, entries.Length).Where(i => IsOpen(entries[i]!))];
        var failures = new ConcurrentQueue<StoreException>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Looks, CancellationToken = ct };
        await Parallel.ForEachAsync(open, parallel, async (i, stop) =>
        {
            try
            {
                entries[i] = await LookAsync(store, entries[i]!, stop).ConfigureAwait(false);
            }
            catch (StoreException e)
            {
                e.Path ??= entries[i]!.Path;
                failures.Enqueue(e);
                entries[i] = null;
            }
        }).ConfigureAwait(false);
        return open.Length == 0 ? chunk : chunk with
        {
            Entries = [.. entries.OfType<StoreEntry>()],
            Unreadable = [.. chunk.Unreadable, .. failures],
        };

        bool IsOpen(StoreEntry entry) => entry is { Kind: EntryKind.File, Modified: null } && filter.Includes(entry);
    }
}
