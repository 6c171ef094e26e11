using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>What is wrong with a box, and how it is mended. Nothing of a version that waits and can be read is ever touched.</summary>
/// <param name="inner">The store that the box is in.</param>
/// <param name="time">The clock.</param>
public sealed class DropBoxFaults(IStore inner, TimeProvider time)
{
    private readonly DropBoxObjects _objects = new(inner, DropBoxOptions.Default);
    private readonly DropBoxContents _contents = new(inner);

    /// <summary>Finds them. Nothing is changed. A record that cannot be read is told, and in no fault: it may be read tomorrow.</summary>
    /// <param name="before">Younger markers are of files that are being put in. By the store's clock.</param>
    /// <param name="unreadable">Hears of each record that cannot be read; of several at once.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="StoreException">The box has another layout, or cannot be listed.</exception>
    public async IAsyncEnumerable<DropBoxFault> FindAsync(
        Timestamp before, Action<StoreException> unreadable, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(unreadable);
        (StorePath Tree, Func<StorePath, StoreEntry, Task<DropBoxFault?>> Judge)[] looks =
        [
            (DropBoxLayout.Files(StorePath.Root), (directory, entry) => OfRecordAsync(directory, entry, ct)),
            (DropBoxLayout.Pending(StorePath.Root), (directory, entry) => OfMarkerAsync(directory, entry, before, ct)),
            (DropBoxLayout.Dones(StorePath.Root), (directory, entry) => OfDoneAsync(directory, entry, ct)),
        ];
        foreach ((StorePath tree, Func<StorePath, StoreEntry, Task<DropBoxFault?>> judge) in looks)
        {
            await foreach (DropBoxFault fault in _contents.EachAsync(tree, tree, JudgeAsync, ct).ConfigureAwait(false))
            {
                yield return fault;
            }

            async Task<DropBoxFault?> JudgeAsync(StorePath directory, StoreEntry entry)
            {
                try
                {
                    return await judge(directory, entry).ConfigureAwait(false);
                }
                catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
                {
                    unreadable(e);
                    return null;
                }
            }
        }
    }

    /// <summary>Mends one, if it is still there.</summary>
    public async ValueTask MendAsync(DropBoxFault fault, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(fault);
        DropBoxRecord? newest = await _objects.NewestAsync(fault.Path, ct).ConfigureAwait(false);
        switch (fault.Kind)
        {
            case DropBoxFaultKind.LostMarker when newest?.Id == fault.Id:
                await _objects.WriteMarkerAsync(fault.Path, fault.Id, ct).ConfigureAwait(false);
                break;
            case DropBoxFaultKind.LostPayload when await IsLostAsync(fault, ct).ConfigureAwait(false):
                await inner.DeleteAsync(DropBoxLayout.Record(fault.Path), ct).ConfigureAwait(false);
                await _objects.DropAsync(fault.Path, fault.Id, ct).ConfigureAwait(false);
                break;
            case DropBoxFaultKind.StaleMarker when await _objects.WaitingAsync(fault.Path, fault.Id, ct).ConfigureAwait(false) is null:
                await inner.DeleteAsync(DropBoxLayout.Marker(fault.Path, fault.Id), ct).ConfigureAwait(false);
                break;
            case DropBoxFaultKind.LostRecord when newest is null && await _objects.DoneAsync(fault.Path, ct).ConfigureAwait(false) is { } done:
                await WriteKnownAsync(done, ct).ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    /// <summary>Whether it still waits without its payload: it may have been delivered while it was looked at.</summary>
    private async ValueTask<bool> IsLostAsync(DropBoxFault fault, CancellationToken ct) =>
        await _objects.WaitingAsync(fault.Path, fault.Id, ct).ConfigureAwait(false) is { } record
        && await _objects.LackOfAsync(record, ct).ConfigureAwait(false) is not null;

    private async ValueTask WriteKnownAsync(DropBoxRecord done, CancellationToken ct)
    {
        try
        {
            var known = done with { IsAdopted = true, At = Timestamp.From(time.GetUtcNow()) };
            await _objects.WriteRecordAsync(known, createOnly: true, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists)
        {
            // Somebody put a newer version in meanwhile.
        }
    }

    /// <summary>A version that nobody will find, or nobody can read.</summary>
    private async Task<DropBoxFault?> OfRecordAsync(StorePath directory, StoreEntry entry, CancellationToken ct)
    {
        if (DropBoxLayout.OfRecord(entry.Path.Name) is not { } name
            || await _objects.NewestAsync(directory.Child(name), ct).ConfigureAwait(false) is not { } record
            || await _objects.IsDeliveredAsync(record, ct).ConfigureAwait(false))
        {
            return null;
        }

        bool isUnread = await _objects.LackOfAsync(record, ct).ConfigureAwait(false) is not null;
        bool isUnlisted = !isUnread
            && await inner.StatAsync(DropBoxLayout.Marker(record.Path, record.Id), ct).ConfigureAwait(false) is null;

        // Who takes a file out writes that down first and then takes marker and payload away.
        bool isStill = (isUnread || isUnlisted)
            && (await _objects.NewestAsync(record.Path, ct).ConfigureAwait(false))?.Id == record.Id
            && !await _objects.IsDeliveredAsync(record, ct).ConfigureAwait(false);
        return isStill ? new DropBoxFault(isUnread ? DropBoxFaultKind.LostPayload : DropBoxFaultKind.LostMarker, record.Path, record.Id) : null;
    }

    /// <summary>A marker of no version that waits and of no payload. With payload, it goes with that.</summary>
    private async Task<DropBoxFault?> OfMarkerAsync(StorePath directory, StoreEntry entry, Timestamp before, CancellationToken ct)
    {
        if (DropBoxLayout.OfMarker(entry.Path.Name) is not { } marker)
        {
            return null;
        }

        StorePath path = directory.Child(marker.Name);
        bool isStale = await _objects.WaitingAsync(path, marker.Id, ct).ConfigureAwait(false) is null
            && (await _objects.PayloadAsync(marker.Id, ct).ConfigureAwait(false)).Count == 0
            && (entry.Modified ?? (await inner.StatAsync(entry.Path, ct).ConfigureAwait(false))?.Modified) < before
            && await _objects.WaitingAsync(path, marker.Id, ct).ConfigureAwait(false) is null;
        return isStale ? new DropBoxFault(DropBoxFaultKind.StaleMarker, path, marker.Id) : null;
    }

    /// <summary>A delivery of a file that has no record, so that it would be sent again by whoever has lost his ledger.</summary>
    private async Task<DropBoxFault?> OfDoneAsync(StorePath directory, StoreEntry entry, CancellationToken ct) =>
        DropBoxLayout.OfRecord(entry.Path.Name) is { } name
        && await _objects.DoneAsync(directory.Child(name), ct).ConfigureAwait(false) is { } done
        && await _objects.NewestAsync(done.Path, ct).ConfigureAwait(false) is null
            ? new DropBoxFault(DropBoxFaultKind.LostRecord, done.Path, done.Id)
            : null;
}

/// <summary>Something that is wrong with a file of a box.</summary>
/// <param name="Kind">What.</param>
/// <param name="Path">The file.</param>
/// <param name="Id">Which version.</param>
public sealed record DropBoxFault(DropBoxFaultKind Kind, StorePath Path, string Id);

/// <summary>What can be wrong.</summary>
public enum DropBoxFaultKind
{
    /// <summary>It waits, and payload is missing: nobody can take it out. Mended by taking its record back; it has to be sent again.</summary>
    LostPayload = 0,

    /// <summary>It waits, and no work list names it: nobody would ever look for it. Mended by writing its marker.</summary>
    LostMarker,

    /// <summary>A marker of a version that does not wait and has no payload. Mended by taking it away.</summary>
    StaleMarker,

    /// <summary>It was delivered, and has no record. Mended by writing one that says so.</summary>
    LostRecord,
}
