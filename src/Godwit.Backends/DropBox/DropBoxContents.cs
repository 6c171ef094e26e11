using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>What is in a box, for people on either side. Nothing is ever written, and memory does not grow with what is there.</summary>
/// <param name="inner">The store that the box is in.</param>
public sealed class DropBoxContents(IStore inner) : IBoxContents
{
    /// <summary>Records that are read at once.</summary>
    private const int AtOnce = 16;

    private readonly DropBoxObjects _objects = new(inner, DropBoxOptions.Default);

    /// <inheritdoc/>
    public async ValueTask<DropBoxFile?> FindAsync(StorePath path, CancellationToken ct)
    {
        await _objects.RequireFormatAsync(ct).ConfigureAwait(false);
        return await _objects.NewestAsync(path, ct).ConfigureAwait(false) is { } record
            ? DropBoxFile.Of(record, await _objects.DoneAsync(record, ct).ConfigureAwait(false))
            : null;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<DropBoxFile> WaitingAsync(StorePath below, CancellationToken ct) => EachAsync(
        DropBoxLayout.Pending(below), DropBoxLayout.Pending(StorePath.Root), async (directory, entry) =>
        {
            return DropBoxLayout.OfMarker(entry.Path.Name) is { } marker
                && await _objects.WaitingAsync(directory.Child(marker.Name), marker.Id, ct).ConfigureAwait(false) is { } record
                    ? DropBoxFile.Of(record, null)
                    : null;
        },
        ct);

    /// <inheritdoc/>
    public IAsyncEnumerable<DropBoxFile> DeliveredAsync(StorePath below, CancellationToken ct) => EachAsync(
        DropBoxLayout.Dones(below), DropBoxLayout.Dones(StorePath.Root), async (directory, entry) =>
            DropBoxLayout.OfRecord(entry.Path.Name) is { } name && await _objects.DoneAsync(directory.Child(name), ct).ConfigureAwait(false) is { } done
                ? DropBoxFile.OfDelivery(done)
                : null,
        ct);

    /// <inheritdoc/>
    public async ValueTask<(long Files, Timestamp? Last)> CountDeliveredAsync(CancellationToken ct)
    {
        (long files, Timestamp? last) = (0, null);
        await foreach (StoreEntry entry in FilesAsync(DropBoxLayout.Dones(StorePath.Root), ct).ConfigureAwait(false))
        {
            files += DropBoxLayout.OfRecord(entry.Path.Name) is null ? 0 : 1;
            last = last is { } before && !(entry.Modified > before) ? before : entry.Modified;
        }

        return (files, last);
    }

    /// <inheritdoc/>
    public async ValueTask<long> CountPayloadsAsync(CancellationToken ct)
    {
        long payloads = 0;
        await foreach (StoreEntry entry in ChildrenAsync(DropBoxLayout.Data(), false, ct).ConfigureAwait(false))
        {
            payloads += entry.Kind == EntryKind.Directory ? 1 : 0;
        }

        return payloads;
    }

    /// <summary>What is made of every file below a place of the box, several at once. What cannot be read is told as an error, after all others.</summary>
    /// <param name="place">The place.</param>
    /// <param name="tree">The tree that it is in.</param>
    /// <param name="readAsync">Gets the directory of the file that is meant, and what lies in the box; null for nothing.</param>
    /// <param name="ct">Cancels the call.</param>
    internal async IAsyncEnumerable<T> EachAsync<T>(
        StorePath place, StorePath tree, Func<StorePath, StoreEntry, Task<T?>> readAsync, [EnumeratorCancellation] CancellationToken ct)
        where T : class
    {
        await _objects.RequireFormatAsync(ct).ConfigureAwait(false);
        StoreException? damage = null;
        var some = new List<StoreEntry>(AtOnce);
        await foreach (StoreEntry entry in FilesAsync(place, ct).ConfigureAwait(false))
        {
            some.Add(entry);
            if (some.Count == AtOnce)
            {
                foreach (T? file in await ReadAsync().ConfigureAwait(false))
                {
                    yield return file!;
                }

                some.Clear();
            }
        }

        foreach (T? file in await ReadAsync().ConfigureAwait(false))
        {
            yield return file!;
        }

        if (damage is not null)
        {
            throw damage;
        }

        async Task<T?> OneAsync(StoreEntry entry)
        {
            try
            {
                return DropBoxLayout.OfPlace(entry.Path.Parent.RelativeTo(tree)) is { } directory ? await readAsync(directory, entry).ConfigureAwait(false) : null;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
            {
                damage ??= e;
                return null;
            }
        }

        async Task<IEnumerable<T?>> ReadAsync()
        {
            T?[] read = await Task.WhenAll(some.Select(OneAsync)).ConfigureAwait(false);
            return read.Where(file => file is not null);
        }
    }

    /// <summary>Every file below a place of the box: in pages of everything where the store has such, otherwise directory by directory.</summary>
    internal async IAsyncEnumerable<StoreEntry> FilesAsync(StorePath place, [EnumeratorCancellation] CancellationToken ct)
    {
        var open = new Stack<StorePath>([place]);
        while (open.TryPop(out StorePath directory))
        {
            await foreach (StoreEntry entry in ChildrenAsync(directory, inner.FlatListing is not null, ct).ConfigureAwait(false))
            {
                if (entry.Kind == EntryKind.File)
                {
                    yield return entry;
                }
                else if (entry.Kind == EntryKind.Directory && inner.FlatListing is null)
                {
                    open.Push(entry.Path);
                }
            }
        }
    }

    private async IAsyncEnumerable<StoreEntry> ChildrenAsync(StorePath directory, bool isFlat, [EnumeratorCancellation] CancellationToken ct)
    {
        ListPosition? position = null;
        do
        {
            StorePage page;
            try
            {
                page = isFlat
                    ? await inner.FlatListing!.ListBelowAsync(directory, position, ct).ConfigureAwait(false)
                    : await inner.ListAsync(directory, position, ct).ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
            {
                yield break;
            }

            foreach (StoreEntry entry in page.Entries)
            {
                yield return entry;
            }

            position = page.Next;
        }
        while (position is not null);
    }
}
