using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>
/// A drop box: a store within another one, which two hosts use as their only common ground. One puts files in; the other lists what waits, reads it,
/// and deletes it, which marks it as delivered. How it is kept is told in <c>DropBox.md</c>. Disposing it disposes the store that it is in.
/// </summary>
public sealed class DropBoxStore : IStore
{
    private readonly DropBoxObjects _objects;
    private readonly DropBoxPublishing _publishing;
    private readonly DropBoxWriting _writing;
    private readonly DropBoxPartedWrite _parts;
    private readonly DropBoxWholeWrite _whole;
    private readonly DropBoxRead _reading;
    private readonly DropBoxListing _listing;

    /// <summary>Opens a box, which is made by the first file that is put in.</summary>
    /// <param name="inner">The store that the box is in; the box is all below its root. Its layers repeat what fails for a moment.</param>
    /// <param name="options">How the box is used.</param>
    /// <param name="time">The clock.</param>
    public DropBoxStore(IStore inner, DropBoxOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        Identity = IdentityIn(inner.Identity);
        Limits = LimitsWithin(inner.Limits) with { TellsCollected = options.CountsDelivered };
        _objects = new DropBoxObjects(inner, options);
        _publishing = new DropBoxPublishing(_objects, time);
        _writing = new DropBoxWriting(_objects, _publishing, new DropBoxPayload(inner), Limits);
        _parts = new DropBoxPartedWrite(_objects, _publishing, _writing);
        _whole = new DropBoxWholeWrite(_objects, _publishing, _writing);
        _reading = new DropBoxRead(_objects);
        _listing = new DropBoxListing(_objects);
        Durability = inner.Durability is { } durability ? new DropBoxDurability(_objects, durability) : null;
    }

    /// <summary>Which box it is that lies at the root of a store.</summary>
    public static StoreIdentity IdentityIn(StoreIdentity inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return inner with { Scheme = $"dropbox{StoreIdentity.Within}{inner.Scheme}" };
    }

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    public StoreLimits Limits { get; }

    /// <inheritdoc/>
    public IRangedRead? RangedRead => _reading;

    /// <inheritdoc/>
    public IPartedWrite? PartedWrite => _parts;

    /// <inheritdoc/>
    public IFlatListing? FlatListing => null;

    /// <inheritdoc/>
    public IDirectories? Directories => null;

    /// <inheritdoc/>
    public ILinks? Links => null;

    /// <inheritdoc/>
    public IBulkDelete? BulkDelete => null;

    /// <inheritdoc/>
    public IVersionedDelete? VersionedDelete => _publishing;

    /// <inheritdoc/>
    public IServerCopy? ServerCopy => null;

    /// <inheritdoc/>
    public IThirdPartyCopy? ThirdPartyCopy => null;

    /// <summary>CRC-64/NVME of the whole file, which its parts were held against as they were stored; it comes with each entry.</summary>
    public IStoredChecksum? StoredChecksum => _reading;

    /// <summary>CRC-64/NVME: a payload is stored only of bytes that match, and proved to be stored as it was made.</summary>
    public IArrivalChecksum? ArrivalChecksum => _writing;

    /// <inheritdoc/>
    public IRename? Rename => null;

    /// <inheritdoc/>
    public IFreeSpace? FreeSpace => null;

    /// <inheritdoc/>
    public ISettableTime? SettableTime => null;

    /// <inheritdoc/>
    public IDurability? Durability { get; }

    /// <inheritdoc/>
    public IDiagnosis? Diagnosis => null;

    /// <inheritdoc/>
    public ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct) => _reading.StatAsync(path, ct);

    /// <inheritdoc/>
    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
        _listing.ListAsync(directory, position, ct);

    /// <inheritdoc/>
    public ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct) => _reading.OpenAsync(path, ct);

    /// <inheritdoc/>
    public ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        return _whole.WriteAsync(path, source, options, ct);
    }

    /// <summary>Marks the newest version of a file as delivered and takes its bytes away; with <see cref="DropBoxOptions.CountsDelivered"/>,
    /// takes it back.
    /// A directory is there as long as something waits in it; where the store that the box is in keeps directories, an empty one is deleted.</summary>
    public async ValueTask DeleteAsync(StorePath path, CancellationToken ct)
    {
        bool wasFile = await _publishing.DeleteAsync(path, ct).ConfigureAwait(false);
        if (!wasFile && !path.IsRoot && _objects.Inner.Directories is not null)
        {
            StorePath place = _objects.Options.CountsDelivered ? DropBoxLayout.Files(path) : DropBoxLayout.Pending(path);
            await _objects.Inner.DeleteAsync(place, ct).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _publishing.Dispose();
        return _objects.Inner.DisposeAsync();
    }

    /// <summary>A marker's name is the longest that a file has: the limits are those of the store that the box is in, without what stands around
    /// the file's own name.</summary>
    private static StoreLimits LimitsWithin(StoreLimits inner) => new()
    {
        NamesAreBytes = inner.NamesAreBytes,
        NameBytes = inner.NameBytes == int.MaxValue ? int.MaxValue : Math.Max(1, inner.NameBytes - DropBoxLayout.IdLength - 1),
        PathBytes = inner.PathBytes,
        StoredBytes = inner.StoredBytes is { } stored
            ? path => stored(DropBoxLayout.LongestName(path))
            : path => DropBoxLayout.LongestName(path).Bytes.Length,
        RefusesName = inner.RefusesName is { } refuses ? path => refuses(DropBoxLayout.LongestName(path)) : null,
        FileBytes = DropBoxWriting.MostPartBytes * DropBoxWriting.MostParts,
        KeepsMode = true,
        DefaultConcurrency = inner.DefaultConcurrency,
    };
}
