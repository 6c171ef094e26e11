using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Looks at files and reads them.</summary>
/// <param name="objects">The box.</param>
internal sealed class DropBoxRead(DropBoxObjects objects) : IRangedRead, IStoredChecksum
{
    /// <inheritdoc/>
    public IReadOnlyList<ChecksumKind> Kinds { get; } = [ChecksumKind.Crc64Nvme];

    /// <inheritdoc/>
    public bool IsToldWithEntries => true;

    /// <summary>That of the whole file, also of one that was delivered where those count.</summary>
    public async ValueTask<Checksum?> GetAsync(StorePath path, ChecksumKind kind, CancellationToken ct)
    {
        DropBoxRecord record = await objects.FindAsync(path, ct).ConfigureAwait(false) ?? throw Absent(path);
        return record.Checksum?.Kind == kind ? record.Checksum : null;
    }

    /// <summary>What is at a path; null when there is nothing.</summary>
    public async ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct)
    {
        if (await objects.FindAsync(path, ct).ConfigureAwait(false) is { } record)
        {
            return record.ToEntry();
        }

        StorePath place = objects.Options.CountsDelivered ? DropBoxLayout.Files(path) : DropBoxLayout.Pending(path);
        bool isDirectory = path.IsRoot || await objects.Inner.StatAsync(place, ct).ConfigureAwait(false) is { Kind: EntryKind.Directory };
        return isDirectory ? new StoreEntry { Path = path, Kind = EntryKind.Directory } : null;
    }

    /// <summary>Opens a file from its first byte.</summary>
    public async ValueTask<StoreBody> OpenAsync(StorePath path, CancellationToken ct)
    {
        DropBoxRecord record = await RecordAsync(path, null, ct).ConfigureAwait(false);
        return new StoreBody(record.ToEntry(), new DropBoxBody(objects, record, 0, record.Length));
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenRangeAsync(StorePath path, string? version, long offset, long length, CancellationToken ct)
    {
        if (offset < 0 || length < 0)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"\"{path}\" has no range of {length} bytes at {offset}.") { Path = path };
        }

        DropBoxRecord record = await RecordAsync(path, version, ct).ConfigureAwait(false);
        long from = Math.Min(offset, record.Length);
        return new DropBoxBody(objects, record, from, from + Math.Min(length, record.Length - from));
    }

    private async ValueTask<DropBoxRecord> RecordAsync(StorePath path, string? version, CancellationToken ct)
    {
        DropBoxRecord record = await objects.FindAsync(path, ct).ConfigureAwait(false) ?? throw Absent(path);
        if (version is not null && record.Id != version)
        {
            throw new StoreException(StoreErrorKind.PreconditionFailed, $"\"{path}\" is no longer version {version}.") { Path = path };
        }

        // Its record stays, for whoever puts files in; its bytes do not.
        return objects.Options.CountsDelivered && record.Length > 0 && await objects.IsDeliveredAsync(record, ct).ConfigureAwait(false)
            ? throw new StoreException(StoreErrorKind.NotFound, $"\"{path}\" was delivered and is no longer in the drop box.") { Path = path }
            : record;
    }

    private static StoreException Absent(StorePath path) => new(StoreErrorKind.NotFound, $"There is no file \"{path}\" in the drop box.") { Path = path };
}
