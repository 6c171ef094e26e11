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
        IReadOnlyList<DropBoxLeftover> left = await WithoutWaitingAsync(old, ct).ConfigureAwait(false);
        var found = new List<DropBoxLeftover>();
        foreach (DropBoxLeftover one in left)
        {
            if (!one.IsAgeUnknown || await IsOldAsync(one.Id, before, ct).ConfigureAwait(false))
            {
                found.Add(one);
            }
        }

        return found;
    }

    /// <summary>Says in the box that they are about to go, then looks whether one of them was published meanwhile: an upload that rested for long may
    /// go on at this moment. Whoever publishes looks for what this says.</summary>
    /// <returns>Those that may be removed now.</returns>
    public async ValueTask<IReadOnlyList<DropBoxLeftover>> CondemnAsync(IReadOnlyList<DropBoxLeftover> leftovers, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(leftovers);
        foreach (DropBoxLeftover leftover in leftovers)
        {
            var nothing = WriteSource.From(ReadOnlyMemory<byte>.Empty);
            await inner.WriteAsync(DropBoxLayout.Condemned(leftover.Id), nothing, WriteOptions.Default, ct).ConfigureAwait(false);
        }

        var all = leftovers.ToDictionary(leftover => leftover.Id);
        IReadOnlyList<DropBoxLeftover> left = await WithoutWaitingAsync(all, ct).ConfigureAwait(false);
        foreach (string spared in leftovers.Select(leftover => leftover.Id).Except(left.Select(leftover => leftover.Id)))
        {
            await inner.DeleteAsync(DropBoxLayout.Condemned(spared), ct).ConfigureAwait(false);
        }

        return left;
    }

    /// <summary>Removes one that was condemned: its marker, if it has one, and its payload. What is gone already is success.</summary>
    public async ValueTask RemoveAsync(DropBoxLeftover leftover, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(leftover);
        if (leftover.Marker is { } marker)
        {
            await inner.DeleteAsync(marker, ct).ConfigureAwait(false);
        }

        await _objects.DropDataAsync(leftover.Id, ct).ConfigureAwait(false);
    }

    /// <summary>Those whose version does not wait, with the marker that names them.</summary>
    private async ValueTask<IReadOnlyList<DropBoxLeftover>> WithoutWaitingAsync(Dictionary<string, DropBoxLeftover> payloads, CancellationToken ct)
    {
        await foreach (StoreEntry entry in _contents.FilesAsync(DropBoxLayout.Pending(StorePath.Root), ct).ConfigureAwait(false))
        {
            if (DropBoxLayout.OfMarker(entry.Path.Name) is not { } marker || !payloads.TryGetValue(marker.Id, out DropBoxLeftover? found))
            {
                continue;
            }

            if (await MayWaitAsync(entry.Path, marker.Name, marker.Id, ct).ConfigureAwait(false))
            {
                payloads.Remove(marker.Id);
            }
            else
            {
                payloads[marker.Id] = found with { Marker = entry.Path };
            }
        }

        return [.. payloads.Values];
    }

    private async ValueTask<Dictionary<string, DropBoxLeftover>> OldAsync(Timestamp before, CancellationToken ct)
    {
        var old = new Dictionary<string, DropBoxLeftover>();
        (string? id, long bytes, bool isYoung, bool isAgeUnknown) = (null, 0, false, false);
        await foreach (StoreEntry entry in _contents.FilesAsync(DropBoxLayout.Data(), ct).ConfigureAwait(false))
        {
            // The parts of one payload follow each other.
            string of = Encoding.Latin1.GetString(entry.Path.Parent.Name);
            if (of != id)
            {
                Keep();
                (id, bytes, isYoung, isAgeUnknown) = (of, 0, false, false);
            }

            if (DropBoxLayout.IsId(of) && entry.Path != DropBoxLayout.Condemned(of))
            {
                bytes += entry.Length;
                isYoung |= entry.Modified >= before;
                isAgeUnknown |= entry.Modified is null;
            }
        }

        Keep();
        return old;

        void Keep()
        {
            if (!isYoung && DropBoxLayout.IsId(id))
            {
                old[id!] = new DropBoxLeftover(id!, bytes) { IsAgeUnknown = isAgeUnknown };
            }
        }
    }

    /// <summary>A bucket's listing tells no times: each part is asked for its own.</summary>
    private async ValueTask<bool> IsOldAsync(string id, Timestamp before, CancellationToken ct)
    {
        foreach (StoreEntry part in await _objects.PayloadAsync(id, ct).ConfigureAwait(false))
        {
            StoreEntry? told = part.Path == DropBoxLayout.Condemned(id) ? null : await inner.StatAsync(part.Path, ct).ConfigureAwait(false);
            if (told is not null && !(told.Modified < before))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the version of a marker waits; also where that cannot be told.</summary>
    private async ValueTask<bool> MayWaitAsync(StorePath place, byte[] name, string id, CancellationToken ct)
    {
        try
        {
            return DropBoxLayout.OfPlace(place.Parent.RelativeTo(DropBoxLayout.Pending(StorePath.Root))) is not { } directory
                || await _objects.WaitingAsync(directory.Child(name), id, ct).ConfigureAwait(false) is not null;
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

    /// <summary>Whether the listing did not tell when its parts were written.</summary>
    internal bool IsAgeUnknown { get; init; }
}
