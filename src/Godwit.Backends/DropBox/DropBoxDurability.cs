using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Makes all that a file is kept in survive a power failure, where the store that the box is in has to be asked for that.</summary>
/// <param name="objects">The box.</param>
/// <param name="inner">Makes what is in that store durable.</param>
internal sealed class DropBoxDurability(DropBoxObjects objects, IDurability inner) : IDurability
{
    /// <inheritdoc/>
    public async ValueTask SyncUploadsAsync(IReadOnlyList<PartedUpload> uploads, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var kept = new List<StorePath>();
        foreach (PartedUpload upload in uploads)
        {
            kept.AddRange((await objects.PayloadAsync(upload.Id, ct).ConfigureAwait(false)).Select(entry => entry.Path));
        }

        await inner.SyncPublishedAsync(kept, ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask SyncPublishedAsync(IReadOnlyList<StorePath> paths, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var kept = new List<StorePath>();
        foreach (StorePath path in paths)
        {
            DropBoxRecord record = await objects.FindAsync(path, ct).ConfigureAwait(false)
                ?? throw new StoreException(StoreErrorKind.NotFound, $"There is no file \"{path}\" in the drop box.") { Path = path };
            kept.Add(DropBoxLayout.Record(path));

            // What was delivered meanwhile is safe elsewhere.
            if (!await objects.IsDeliveredAsync(record, ct).ConfigureAwait(false))
            {
                kept.Add(DropBoxLayout.Marker(path, record.Id));
                kept.AddRange(record.Parts.Select(part => DropBoxLayout.Data(record.Id, part.Number)));
            }
        }

        if (kept.Count > 0)
        {
            await inner.SyncPublishedAsync([DropBoxLayout.FormatFile, .. kept], ct).ConfigureAwait(false);
        }
    }
}
