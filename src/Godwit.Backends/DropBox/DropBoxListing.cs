using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Lists a directory of a box: the work list of whoever takes files out, or all records. A page is a page of the store that the box is
/// in.</summary>
/// <param name="objects">The box.</param>
internal sealed class DropBoxListing(DropBoxObjects objects)
{
    /// <summary>Records that are read at once.</summary>
    private const int AtOnce = 16;

    /// <summary>A page.</summary>
    public async ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct)
    {
        await objects.RequireFormatAsync(ct).ConfigureAwait(false);
        bool countsDelivered = objects.Options.CountsDelivered;
        StorePage page;
        try
        {
            StorePath place = countsDelivered ? DropBoxLayout.Files(directory) : DropBoxLayout.Pending(directory);
            page = await objects.Inner.ListAsync(place, position, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return directory.IsRoot
                ? new StorePage([], null)
                : throw new StoreException(StoreErrorKind.NotFound, $"There is no directory \"{directory}\" in the drop box.", e)
                {
                    Path = directory,
                };
        }

        (StoreEntry? Entry, StoreException? Failure)[] found = await FoundAsync(directory, page.Entries, ct).ConfigureAwait(false);
        StoreException[] unreadable = [.. page.Unreadable ?? [], .. found.Select(one => one.Failure).OfType<StoreException>()];
        return new StorePage(
            [.. found.Select(one => one.Entry).OfType<StoreEntry>()], page.Next, unreadable.Length > 0 ? unreadable : null);
    }

    private async ValueTask<(StoreEntry? Entry, StoreException? Failure)[]> FoundAsync(
        StorePath directory, IReadOnlyList<StoreEntry> kept, CancellationToken ct)
    {
        var found = new (StoreEntry? Entry, StoreException? Failure)[kept.Count];
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, kept.Count)).Select(_ => WorkAsync())).ConfigureAwait(false);
        return found;

        async Task WorkAsync()
        {
            for (int i = Interlocked.Increment(ref next); i < kept.Count; i = Interlocked.Increment(ref next))
            {
                found[i] = await FoundAsync(directory, kept[i], ct).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<(StoreEntry? Entry, StoreException? Failure)> FoundAsync(StorePath directory, StoreEntry kept, CancellationToken ct)
    {
        if (kept.Kind == EntryKind.Directory)
        {
            return DropBoxLayout.OfDirectory(kept.Path.Name) is { } inside
                ? (new StoreEntry { Path = directory.Child(inside), Kind = EntryKind.Directory }, null)
                : default;
        }

        string? id = null;
        byte[]? name = objects.Options.CountsDelivered ? DropBoxLayout.OfRecord(kept.Path.Name) : null;
        if (!objects.Options.CountsDelivered && DropBoxLayout.OfMarker(kept.Path.Name) is { } marker)
        {
            (name, id) = marker;
        }

        try
        {
            return name is not null && await VersionAsync(directory.Child(name), id, ct).ConfigureAwait(false) is { } record
                ? (record.ToEntry(), null)
                : default;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
        {
            return (null, e);
        }
    }

    /// <summary>The version that a marker names, if it waits; of a record, that one.</summary>
    private ValueTask<DropBoxRecord?> VersionAsync(StorePath path, string? id, CancellationToken ct) =>
        id is null ? objects.NewestAsync(path, ct) : objects.WaitingAsync(path, id, ct);
}
