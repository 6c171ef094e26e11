using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>
/// A bucket as CTA Relay keeps it, for hosts whose other side is that program: one object for each file, under the file's bare name, with its size and
/// its MD5 beside it, packed by zstd; empty once it was delivered. How it is kept is told in <c>CtaRelay.md</c>. Disposing it disposes the store that it
/// is in.
/// </summary>
public sealed class CtaRelayStore : IStore, IStoredChecksum, IVersionedDelete
{
    private readonly CtaRelayObjects _objects;
    private readonly CtaRelayWriting _writing;

    /// <summary>Opens a box.</summary>
    /// <param name="inner">The store that the objects are in; it has <see cref="IStore.UserMetadata"/>. Its layers repeat what fails for a moment.</param>
    /// <param name="options">How the box is used.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: the store keeps no metadata.</exception>
    public CtaRelayStore(IStore inner, DropBoxOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        Identity = IdentityIn(inner.Identity);
        Limits = LimitsWithin(inner) with { TellsCollected = options.CountsDelivered };
        _objects = new CtaRelayObjects(inner, options);
        _writing = new CtaRelayWriting(_objects, Limits, time);
    }

    /// <summary>Which box it is that lies at the root of a store.</summary>
    public static StoreIdentity IdentityIn(StoreIdentity inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return inner with { Scheme = $"cta-relay{StoreIdentity.Within}{inner.Scheme}" };
    }

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    public StoreLimits Limits { get; }

    /// <summary>None: an object is unpacked from its first byte.</summary>
    public IRangedRead? RangedRead => null;

    /// <summary>None: an object's metadata come before its first byte, and an upload cannot be gone on with.</summary>
    public IPartedWrite? PartedWrite => null;

    /// <inheritdoc/>
    public IFlatListing? FlatListing => null;

    /// <inheritdoc/>
    public IDirectories? Directories => null;

    /// <inheritdoc/>
    public ILinks? Links => null;

    /// <inheritdoc/>
    public IBulkDelete? BulkDelete => null;

    /// <inheritdoc/>
    public IVersionedDelete? VersionedDelete => this;

    /// <inheritdoc/>
    public IServerCopy? ServerCopy => null;

    /// <inheritdoc/>
    public IThirdPartyCopy? ThirdPartyCopy => null;

    /// <summary>The MD5 of the file, which its bytes were held against as they were packed and stored. An object is published of no others.</summary>
    public IStoredChecksum? StoredChecksum => this;

    /// <inheritdoc/>
    public IArrivalChecksum? ArrivalChecksum => null;

    /// <inheritdoc/>
    public IRename? Rename => null;

    /// <inheritdoc/>
    public IFreeSpace? FreeSpace => null;

    /// <inheritdoc/>
    public ISettableTime? SettableTime => null;

    /// <inheritdoc/>
    public IDurability? Durability => null;

    /// <inheritdoc/>
    public IDiagnosis? Diagnosis => null;

    /// <inheritdoc/>
    public IReadOnlyList<ChecksumKind> Kinds { get; } = [ChecksumKind.Md5];

    /// <inheritdoc/>
    public bool IsToldWithEntries => false;

    /// <inheritdoc/>
    public async ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return path.IsRoot ? await _objects.Inner.StatAsync(path, ct).ConfigureAwait(false)
            : (await _objects.FindCountedAsync(path, ct).ConfigureAwait(false))?.ToEntry();
    }

    /// <inheritdoc/>
    public async ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!directory.IsRoot)
        {
            throw Absent(directory);
        }

        CtaRelayPage page = await _objects.ListAsync(_objects.Counts, position, ct).ConfigureAwait(false);
        return new StorePage([.. page.Files.Select(file => file.ToEntry())], page.Next, page.Unreadable.Count > 0 ? page.Unreadable : null);
    }

    /// <inheritdoc/>
    public async ValueTask<Checksum?> GetAsync(StorePath path, ChecksumKind kind, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        CtaRelayFile file = await _objects.FindCountedAsync(path, ct).ConfigureAwait(false) ?? throw Absent(path);
        return kind == ChecksumKind.Md5 ? file.Md5 : null;
    }

    /// <inheritdoc/>
    public async ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        CtaRelayFile file = await _objects.FindCountedAsync(path, ct).ConfigureAwait(false) ?? throw Absent(path);
        if (file.IsDelivered)
        {
            throw new StoreException(StoreErrorKind.NotFound, $"\"{path}\" was delivered and its bytes are no longer in the drop box.") { Path = path };
        }

        return new StoreBody(file.ToEntry(), await CtaRelayBody.OpenAsync(_objects.Inner, file, ct).ConfigureAwait(false));
    }

    /// <summary>Writes a whole file, which is read twice: its metadata come before its bytes, so that its MD5 has to be known first. What then comes is held
    /// against it, and nothing is published that differs.</summary>
    /// <inheritdoc/>
    public async ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        return await _writing.WriteAsync(path, source, options, ct).ConfigureAwait(false);
    }

    /// <summary>Marks a file as delivered: its object is written again, empty and with the same metadata. With <see cref="DropBoxOptions.CountsDelivered"/>
    /// it is taken back: its object goes.</summary>
    public ValueTask DeleteAsync(StorePath path, CancellationToken ct) => DeleteVersionAsync(path, null, ct);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StorePath path, string version, CancellationToken ct) => DeleteVersionAsync(path, version, ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _objects.Inner.DisposeAsync();

    private async ValueTask DeleteVersionAsync(StorePath path, string? version, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (await _objects.FindCountedAsync(path, ct).ConfigureAwait(false) is not { } file)
        {
            return;
        }

        if (version is not null && file.Version != version)
        {
            throw new StoreException(StoreErrorKind.PreconditionFailed, $"\"{path}\" is no longer version {version}.") { Path = path };
        }

        if (_objects.Options.CountsDelivered)
        {
            await _objects.Inner.DeleteAsync(path, ct).ConfigureAwait(false);
            return;
        }

        await _objects.EmptyAsync(file, ct).ConfigureAwait(false);
    }

    private static StoreException Absent(StorePath path) => new(StoreErrorKind.NotFound, $"There is nothing at \"{path}\" in the drop box.") { Path = path };

    /// <summary>What a box in a store can hold.</summary>
    internal static StoreLimits LimitsWithin(IStore inner)
    {
        StoreLimits limits = inner.Limits;
        return new StoreLimits
        {
            NamesAreBytes = false,
            NameBytes = limits.NameBytes,
            PathBytes = limits.PathBytes,
            StoredBytes = limits.StoredBytes,
            FileBytes = CtaRelayWriting.MostBytesIn(inner),
            RefusesName = path => WhyNot(path, inner),
            TimePrecision = 0,
            DefaultConcurrency = limits.DefaultConcurrency,
        };
    }

    /// <summary>Why a whole path, root included, cannot be a file here; null when it can.</summary>
    private static string? WhyNot(StorePath path, IStore inner)
    {
        StorePath name = path.RelativeTo(inner.Identity.Root);
        return name.IsRoot ? "it is the box's root"
            : !CtaRelayObjects.IsFlat(name) ? "the layout of CTA Relay keeps bare names and no directories, so that equal names in two of them would be one; push each directory with --max-depth 1"
            : name == DropBoxLayout.FormatFile ? "a bucket with that name in it is taken for one of Godwit's own layout"
            : (inner.Limits.StoredBytes?.Invoke(path) ?? path.Bytes.Length) != path.Bytes.Length ? "the bucket would keep it under another name, which CTA Relay does not know"
            : inner.Limits.RefusesName?.Invoke(path);
    }
}
