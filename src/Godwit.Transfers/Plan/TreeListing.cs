using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>Some entries of a tree in key order, and what could not be looked at.</summary>
/// <param name="Entries">Entries in the order of <see cref="StoreEntry.CompareByKey"/>, following those of the chunk before; those of
/// <see cref="StorePath.MayBeEncoded"/> after all others.</param>
/// <param name="Unreadable">Each with its path: these are there, or may be; the listing is not complete. A directory that cannot be listed
/// is in here no later than its entry is in a chunk.</param>
public sealed record ListingChunk(IReadOnlyList<StoreEntry> Entries, IReadOnlyList<StoreException> Unreadable)
{
    /// <summary>Directories left out whole because of what is in them (<see cref="TreeListingOptions.Marks"/>), no later than their entries.</summary>
    public IReadOnlyList<StorePath> LeftOut { get; init; } = [];
}

/// <summary>How a tree is listed.</summary>
public sealed record TreeListingOptions
{
    /// <summary>Where a huge directory is sorted when it does not fit in memory.</summary>
    public required OpenScratch OpenScratch { get; init; }

    /// <summary>Entries of one directory that are sorted in memory at most.</summary>
    /// <value>200,000: about 60 MB.</value>
    public int SortInMemory { get; init; } = 200_000;

    /// <summary>Whether to look below a directory; null looks everywhere.</summary>
    public Func<StoreEntry, bool>? Descends { get; init; }

    /// <summary>Names that leave out the directory that they are in. With such names the listing is not <see cref="Flat"/>.</summary>
    public NameSet Marks { get; init; } = NameSet.None;

    /// <summary>Whether all that lies below may be listed at once where the store can. False walks from directory to directory: a store
    /// whose directories are only what keys have in common shows none otherwise.</summary>
    public bool Flat { get; init; } = true;

    /// <summary>Ranges of a flat listing that are read at once, where the store can cut it; each holds up to three pages.</summary>
    /// <value>8: beyond it the servers that were measured answer no faster.</value>
    public int RangesAtOnce { get; init; } = 8;

    /// <summary>Whether an absent root is an empty tree (a destination) or an error (a source).</summary>
    public bool AbsentIsEmpty { get; init; }
}

/// <summary>
/// Lists a whole tree in key order, whatever order the store lists in, in memory that does not grow with the tree: the open
/// directories from the root down to the current one are held, and a huge one is sorted outside.
/// </summary>
public static class TreeListing
{
    private const int ChunkEntries = 512;

    /// <summary>The tree below the store's root. A directory that cannot be listed is reported and the rest goes on.</summary>
    /// <exception cref="StoreException">The root itself cannot be listed.</exception>
    public static IAsyncEnumerable<ListingChunk> ReadAsync(IStore store, TreeListingOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        return ListingOrder.EncodedLastAsync(ReadAsListedAsync(store, options, ct), options.OpenScratch, options.SortInMemory, ct);
    }

    private static async IAsyncEnumerable<ListingChunk> ReadAsListedAsync(
        IStore store, TreeListingOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        var chunks = Channel.CreateBounded<ListingChunk>(new BoundedChannelOptions(8) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var listing = Task.Run(() => ProduceAsync(store, options, chunks.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (ListingChunk chunk in chunks.Reader.ReadAllAsync(ct).ConfigureAwait(false))
            {
                yield return chunk;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await listing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task ProduceAsync(
        IStore store, TreeListingOptions options, ChannelWriter<ListingChunk> chunks, CancellationToken ct)
    {
        try
        {
            if (options.Flat && options.Marks.IsEmpty && store.FlatListing is { } flat)
            {
                await ReadFlatAsync(flat, options, chunks, ct).ConfigureAwait(false);
            }
            else
            {
                await new Walk(store, options, chunks).RunAsync(ct).ConfigureAwait(false);
            }

            chunks.Complete();
        }
#pragma warning disable CA1031 // Whatever stops the listing is thrown to its reader, who awaits the channel.
        catch (Exception e)
#pragma warning restore CA1031
        {
            chunks.Complete(e);
        }
    }

    private static async Task ReadFlatAsync(
        IFlatListing flat, TreeListingOptions options, ChannelWriter<ListingChunk> chunks, CancellationToken ct)
    {
        StorePath? pruned = null;
        await foreach (StorePage page in new RangesAhead(flat, options.RangesAtOnce).ReadAsync(ct).ConfigureAwait(false))
        {
            var kept = new List<StoreEntry>(page.Entries.Count);
            foreach (StoreEntry entry in page.Entries)
            {
                if (pruned is { } below && entry.Path.IsBelow(below))
                {
                    continue;
                }

                kept.Add(entry);
                pruned = entry.Kind == EntryKind.Directory && options.Descends?.Invoke(entry) == false ? entry.Path : null;
            }

            await chunks.WriteAsync(new ListingChunk(kept, page.Unreadable ?? []), ct).ConfigureAwait(false);
        }
    }

    /// <summary>Depth first through directories, each sorted as it is opened.</summary>
    private sealed class Walk(IStore store, TreeListingOptions options, ChannelWriter<ListingChunk> chunks)
    {
        private readonly Stack<(IEnumerator<StoreEntry> Entries, IDisposable Sort)> _open = new();
        private List<StoreEntry> _entries = new(ChunkEntries);
        private List<StoreException> _unreadable = [];
        private List<StorePath> _leftOut = [];

        public async Task RunAsync(CancellationToken ct)
        {
            try
            {
                await OpenAsync(StorePath.Root, ct).ConfigureAwait(false);
                while (_open.TryPeek(out (IEnumerator<StoreEntry> Entries, IDisposable Sort) top))
                {
                    if (!top.Entries.MoveNext())
                    {
                        CloseTop();
                        continue;
                    }

                    StoreEntry entry = top.Entries.Current;
                    if (entry.Kind == EntryKind.Directory && options.Descends?.Invoke(entry) != false)
                    {
                        // Before it is told of: a directory that cannot be listed is known as such no later than it is known at all.
                        await OpenAsync(entry.Path, ct).ConfigureAwait(false);
                    }

                    _entries.Add(entry);
                    if (_entries.Count >= ChunkEntries)
                    {
                        await FlushAsync(ct).ConfigureAwait(false);
                    }
                }

                await FlushAsync(ct).ConfigureAwait(false);
            }
            finally
            {
                while (_open.Count > 0)
                {
                    CloseTop();
                }
            }
        }

        private async Task OpenAsync(StorePath directory, CancellationToken ct)
        {
            var sort = new ExternalSort<StoreEntry>(
                StoreEntry.CompareByKey, EntryCodec.Instance, options.OpenScratch, options.SortInMemory);
            try
            {
                if (await CollectAsync(directory, sort, ct).ConfigureAwait(false))
                {
                    sort.Dispose();
                    _leftOut.Add(directory);
                    return;
                }
            }
            catch (StoreException e) when (!directory.IsRoot || (options.AbsentIsEmpty && e.Kind == StoreErrorKind.NotFound))
            {
                if (!directory.IsRoot)
                {
                    e.Path ??= directory;
                    _unreadable.Add(e);
                }
            }
            catch
            {
                sort.Dispose();
                throw;
            }

            _open.Push((sort.InOrder().GetEnumerator(), sort));
        }

        /// <returns>Whether it has an entry that leaves it out.</returns>
        private async Task<bool> CollectAsync(StorePath directory, ExternalSort<StoreEntry> sort, CancellationToken ct)
        {
            ListPosition? position = null;
            do
            {
                StorePage page = await store.ListAsync(directory, position, ct).ConfigureAwait(false);
                position?.Dispose();
                position = page.Next;
                foreach (StoreEntry entry in page.Entries)
                {
                    if (options.Marks.HasNameOf(entry.Path))
                    {
                        position?.Dispose();
                        return true;
                    }

                    sort.Add(entry);
                }

                _unreadable.AddRange(page.Unreadable ?? []);
            }
            while (position is not null);
            return false;
        }

        private async Task FlushAsync(CancellationToken ct)
        {
            if (_entries.Count + _unreadable.Count + _leftOut.Count == 0)
            {
                return;
            }

            await chunks.WriteAsync(new ListingChunk(_entries, _unreadable) { LeftOut = _leftOut }, ct).ConfigureAwait(false);
            _leftOut = [];
            _entries = new List<StoreEntry>(ChunkEntries);
            _unreadable = [];
        }

        private void CloseTop()
        {
            (IEnumerator<StoreEntry> entries, IDisposable sort) = _open.Pop();
            entries.Dispose();
            sort.Dispose();
        }
    }
}
