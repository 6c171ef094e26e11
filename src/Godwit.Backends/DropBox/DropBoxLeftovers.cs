using System.Text;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Payloads in a box that no waiting version has: of uploads that stopped and of deliveries that stopped between their steps.</summary>
/// <param name="inner">The store that the box is in.</param>
public sealed class DropBoxLeftovers(IStore inner)
{
    private readonly DropBoxObjects _objects = new(inner, DropBoxOptions.Default);
    private readonly DropBoxContents _contents = new(inner);

    /// <summary>Finds those that nobody wrote to since a moment. Nothing is changed.</summary>
    /// <param name="before">By the store's clock. It has to be longer ago than an upload may pause and go on.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <remarks>Memory grows with the payloads that are older than that, those of waiting files included; not with what was delivered.</remarks>
    /// <exception cref="StoreException">The box has another layout, or cannot be listed: then nothing may be removed.</exception>
    public async ValueTask<IReadOnlyList<DropBoxLeftover>> FindAsync(Timestamp before, CancellationToken ct)
    {
        await _objects.RequireFormatAsync(ct).ConfigureAwait(false);
        Dictionary<string, DropBoxLeftover> old = await OldAsync(before, ct).ConfigureAwait(false);
        await foreach (StoreEntry entry in _contents.FilesAsync(DropBoxLayout.Pending(StorePath.Root), ct).ConfigureAwait(false))
        {
            if (DropBoxLayout.OfMarker(entry.Path.Name) is not { } marker || !old.TryGetValue(marker.Id, out DropBoxLeftover? found))
            {
                continue;
            }

            if (await MayWaitAsync(entry.Path, marker.Name, marker.Id, ct).ConfigureAwait(false))
            {
                old.Remove(marker.Id);
            }
            else
            {
                old[marker.Id] = found with { Marker = entry.Path };
            }
        }

        return [.. old.Values];
    }

    /// <summary>Removes one: its marker, if it has one, and its payload. What is gone already is success.</summary>
    public async ValueTask RemoveAsync(DropBoxLeftover leftover, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(leftover);
        if (leftover.Marker is { } marker)
        {
            await inner.DeleteAsync(marker, ct).ConfigureAwait(false);
        }

        await _objects.DropDataAsync(leftover.Id, ct).ConfigureAwait(false);
    }

    private async ValueTask<Dictionary<string, DropBoxLeftover>> OldAsync(Timestamp before, CancellationToken ct)
    {
        var old = new Dictionary<string, DropBoxLeftover>();
        (string? id, long bytes, bool isOld) = (null, 0, false);
        await foreach (StoreEntry entry in _contents.FilesAsync(DropBoxLayout.Data(), ct).ConfigureAwait(false))
        {
            // The parts of one payload follow each other.
            string of = Encoding.Latin1.GetString(entry.Path.Parent.Name);
            if (of != id)
            {
                Keep();
                (id, bytes, isOld) = (of, 0, true);
            }

            bytes += entry.Length;
            isOld = isOld && entry.Modified < before;
        }

        Keep();
        return old;

        void Keep()
        {
            if (isOld && DropBoxLayout.IsId(id))
            {
                old[id!] = new DropBoxLeftover(id!, bytes);
            }
        }
    }

    /// <summary>Whether the version of a marker waits; also where that cannot be told.</summary>
    private async ValueTask<bool> MayWaitAsync(StorePath place, byte[] name, string id, CancellationToken ct)
    {
        if (DropBoxLayout.OfPlace(place.Parent.RelativeTo(DropBoxLayout.Pending(StorePath.Root))) is not { } directory)
        {
            return true;
        }

        try
        {
            DropBoxRecord? record = await _objects.NewestAsync(directory.Child(name), ct).ConfigureAwait(false);
            return record is not null && record.Id == id && await _objects.DoneAsync(record, ct).ConfigureAwait(false) is null;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
        {
            return true;
        }
    }
}

/// <summary>Payload that no waiting version has.</summary>
/// <param name="Id">Whose it was.</param>
/// <param name="Bytes">Bytes in the box.</param>
public sealed record DropBoxLeftover(string Id, long Bytes)
{
    /// <summary>The marker that names it; null where none does.</summary>
    internal StorePath? Marker { get; init; }
}
