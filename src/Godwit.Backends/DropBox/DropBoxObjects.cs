using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>The small objects of a box, and the one that says which layout it has.</summary>
/// <param name="inner">The store that the box is in.</param>
/// <param name="options">How the box is used.</param>
internal sealed class DropBoxObjects(IStore inner, DropBoxOptions options)
{
    /// <summary>Records are small: a hundred bytes for each part. What is larger is none.</summary>
    private const long MostBytes = 64 << 20;

    private readonly DropBoxPayload _payload = new(inner);
    private volatile bool _isKnown;

    /// <summary>The store that the box is in.</summary>
    public IStore Inner => inner;

    /// <summary>How the box is used.</summary>
    public DropBoxOptions Options => options;

    /// <summary>Looks at the box's layout before anything else is read. A box that has none is empty.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: it has another one.</exception>
    public async ValueTask RequireFormatAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        _isKnown = _isKnown || await IsOursAsync(ct).ConfigureAwait(false);
    }

    /// <summary>As <see cref="RequireFormatAsync"/>, and tells whether the box was made already.</summary>
    public async ValueTask<bool> HasFormatAsync(CancellationToken ct)
    {
        await RequireFormatAsync(ct).ConfigureAwait(false);
        return _isKnown;
    }

    /// <summary>As <see cref="RequireFormatAsync"/>, and gives an empty box its layout.</summary>
    public async ValueTask MakeFormatAsync(CancellationToken ct)
    {
        await RequireFormatAsync(ct).ConfigureAwait(false);
        if (!_isKnown)
        {
            await CtaIngest.CtaIngestLayout.RequireNoneAsync(inner, ct).ConfigureAwait(false);
            try
            {
                var createOnly = new WriteOptions { CreateOnly = true };
                await inner.WriteAsync(DropBoxLayout.FormatFile, WriteSource.From(DropBoxJson.OfFormat()), createOnly, ct).ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists)
            {
                // Somebody else was first: his layout has to be ours.
            }

            await RequireFormatAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>The record of the newest version, delivered or not; null where there is none.</summary>
    public async ValueTask<DropBoxRecord?> NewestAsync(StorePath path, CancellationToken ct) =>
        !path.IsRoot && await ReadAsync(DropBoxLayout.Record(path), ct).ConfigureAwait(false) is { } bytes ? DropBoxJson.Record(bytes, path) : null;

    /// <summary>Whether this version was delivered.</summary>
    public async ValueTask<bool> IsDeliveredAsync(DropBoxRecord record, CancellationToken ct) =>
        await DoneAsync(record, ct).ConfigureAwait(false) is not null;

    /// <summary>What tells of the delivery of this version; null while it waits.</summary>
    public async ValueTask<DropBoxRecord?> DoneAsync(DropBoxRecord record, CancellationToken ct) => record.IsAdopted ? record
        : await DoneAsync(record.Path, ct).ConfigureAwait(false) is { } done && done.Id == record.Id ? done : null;

    /// <summary>What tells of the last delivery of a file; null where there was none.</summary>
    public async ValueTask<DropBoxRecord?> DoneAsync(StorePath path, CancellationToken ct) =>
        await ReadAsync(DropBoxLayout.Done(path), ct).ConfigureAwait(false) is { } bytes ? DropBoxJson.Record(bytes, path, isDelivered: true) : null;

    /// <summary>The version that a marker names, if it waits: it is the newest one and was not delivered. Null for a marker of an upload under way,
    /// of a version that was replaced, or of a delivery that stopped before the marker went.</summary>
    public async ValueTask<DropBoxRecord?> WaitingAsync(StorePath path, string id, CancellationToken ct) =>
        await NewestAsync(path, ct).ConfigureAwait(false) is { } record && record.Id == id
        && !await IsDeliveredAsync(record, ct).ConfigureAwait(false) ? record : null;

    /// <summary>The record of the newest version, if it counts; null otherwise.</summary>
    public async ValueTask<DropBoxRecord?> FindAsync(StorePath path, CancellationToken ct)
    {
        await RequireFormatAsync(ct).ConfigureAwait(false);
        return await NewestAsync(path, ct).ConfigureAwait(false) is { } record && await CountsAsync(record, ct).ConfigureAwait(false) ? record : null;
    }

    /// <summary>Whether this version is there, for whoever uses the box as the options say.</summary>
    public async ValueTask<bool> CountsAsync(DropBoxRecord record, CancellationToken ct) =>
        options.CountsDelivered || !await IsDeliveredAsync(record, ct).ConfigureAwait(false);

    /// <summary>Makes the version the newest one: the step that publishes.</summary>
    public ValueTask WriteRecordAsync(DropBoxRecord record, bool createOnly, CancellationToken ct) =>
        WriteCheckedAsync(record, DropBoxLayout.Record(record.Path), isDelivered: false, createOnly, ct);

    /// <summary>Writes down that the version was delivered.</summary>
    public ValueTask WriteDoneAsync(DropBoxRecord record, Timestamp now, CancellationToken ct) =>
        WriteCheckedAsync(record with { At = now }, DropBoxLayout.Done(record.Path), isDelivered: true, createOnly: false, ct);

    /// <summary>Puts a version on the list of those to be delivered.</summary>
    public ValueTask<StoreEntry> WriteMarkerAsync(StorePath path, string id, CancellationToken ct) =>
        inner.WriteAsync(DropBoxLayout.Marker(path, id), WriteSource.From(ReadOnlyMemory<byte>.Empty), WriteOptions.Default, ct);

    /// <summary>Takes away a version's marker, and then its payload. What is gone already is success.</summary>
    public async ValueTask DropAsync(StorePath path, string id, CancellationToken ct)
    {
        await inner.DeleteAsync(DropBoxLayout.Marker(path, id), ct).ConfigureAwait(false);
        await DropDataAsync(id, ct).ConfigureAwait(false);
    }

    /// <summary>Takes away a version's payload.</summary>
    public async ValueTask DropDataAsync(string id, CancellationToken ct)
    {
        StorePath directory = DropBoxLayout.Data(id);
        StorePath condemned = DropBoxLayout.Condemned(id);
        List<StoreEntry> kept = await PayloadAsync(id, ct).ConfigureAwait(false);
        StorePath[] payload = [.. kept.Select(entry => entry.Path).Where(path => path != condemned)];
        int together = inner.BulkDelete?.MaxPaths ?? 1;
        foreach (StorePath[] some in payload.Chunk(together))
        {
            if (inner.BulkDelete is { } bulk)
            {
                IReadOnlyList<StoreException> failures = await bulk.DeleteAsync(some, ct).ConfigureAwait(false);
                if (failures.Count > 0)
                {
                    throw failures[0];
                }
            }
            else
            {
                await inner.DeleteAsync(some[0], ct).ConfigureAwait(false);
            }
        }

        if (kept.Count > payload.Length)
        {
            // Last: whoever does not find it finds that parts are missing.
            await inner.DeleteAsync(condemned, ct).ConfigureAwait(false);
        }

        if (inner.Directories is not null)
        {
            await inner.DeleteAsync(directory, ct).ConfigureAwait(false);
        }
    }

    /// <summary>What the box has of an upload's payload; nothing where it has no such upload.</summary>
    public async ValueTask<List<StoreEntry>> PayloadAsync(string id, CancellationToken ct)
    {
        var payload = new List<StoreEntry>();
        ListPosition? position = null;
        try
        {
            do
            {
                StorePage page = await inner.ListAsync(DropBoxLayout.Data(id), position, ct).ConfigureAwait(false);
                payload.AddRange(page.Entries.Where(entry => entry.Kind == EntryKind.File));
                position = page.Next;
            }
            while (position is not null);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            position?.Dispose();
        }

        return payload;
    }

    /// <summary>Whether the box has all payload of a version, and nobody is about to sweep it.</summary>
    public async ValueTask<bool> KeepsAsync(DropBoxRecord record, CancellationToken ct) =>
        await inner.StatAsync(DropBoxLayout.Condemned(record.Id), ct).ConfigureAwait(false) is null
        && await LackOfAsync(record, ct).ConfigureAwait(false) is null;

    /// <summary>The first part whose payload the box does not have as the record says; null where it has all.</summary>
    public async ValueTask<DropBoxPart?> LackOfAsync(DropBoxRecord record, CancellationToken ct)
    {
        if (record.Parts.Count == 0)
        {
            return null;
        }

        var there = (await PayloadAsync(record.Id, ct).ConfigureAwait(false)).ToDictionary(entry => entry.Path, entry => entry.Length);
        return record.Parts.FirstOrDefault(
            part => !there.TryGetValue(DropBoxLayout.Data(record.Id, part.Number), out long length) || length != part.StoredLength);
    }

    /// <summary>Writes a small object so that what is acknowledged is what was meant. Where the store refuses nothing by a checksum, it is read again:
    /// there may be another one by then, and none that cannot be read.</summary>
    private async ValueTask WriteCheckedAsync(DropBoxRecord record, StorePath place, bool isDelivered, bool createOnly, CancellationToken ct)
    {
        byte[] bytes = DropBoxJson.Of(record, isDelivered);
        var options = new WriteOptions { CreateOnly = createOnly, Expected = _payload.Expected(bytes) };
        await inner.WriteAsync(place, WriteSource.From(bytes), options, ct).ConfigureAwait(false);
        if (options.Expected is null && await ReadAsync(place, ct).ConfigureAwait(false) is { } there)
        {
            DropBoxJson.Record(there, record.Path, isDelivered);
        }
    }

    private async ValueTask<bool> IsOursAsync(CancellationToken ct)
    {
        if (await ReadAsync(DropBoxLayout.FormatFile, ct).ConfigureAwait(false) is not { } bytes)
        {
            return false;
        }

        long? format = DropBoxJson.Format(bytes);
        string told = format is null ? "no format that can be read" : $"format {format}";
        return format == DropBoxLayout.Format
            ? true
            : throw new StoreException(
                StoreErrorKind.Unsupported,
                $"The drop box {inner.Identity} has {told} in {DropBoxLayout.FormatFile}, and this Godwit knows format {DropBoxLayout.Format}: "
                + "use the Godwit that wrote it, or another box.");
    }

    /// <summary>A small object; null where nothing is there.</summary>
    public async ValueTask<byte[]?> ReadAsync(StorePath path, CancellationToken ct)
    {
        StoreBody body;
        try
        {
            body = await inner.OpenReadAsync(path, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound or StoreErrorKind.Unsupported)
        {
            return null;
        }

        await using (body.ConfigureAwait(false))
        {
            if (body.Entry.Length > MostBytes)
            {
                throw new StoreException(StoreErrorKind.Integrity, $"\"{path}\" in the drop box has {body.Entry.Length} bytes and is no record.");
            }

            var bytes = new byte[body.Entry.Length];
            await body.Content.ReadExactlyAsync(bytes, ct).ConfigureAwait(false);
            return bytes;
        }
    }
}
