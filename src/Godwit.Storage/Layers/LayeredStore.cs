namespace Godwit.Storage;

/// <summary>
/// A store with one layer around every call. The only class that forwards a store: a new member of the contract fails to compile
/// here and nowhere else but in the backends.
/// </summary>
/// <remarks>Disposing it disposes the inner store. What a capability says about itself without a call (limits, kinds) passes
/// through as it is, and so do uploads, which a store may have made from a class of its own.</remarks>
public sealed partial class LayeredStore : IStore
{
    private readonly IStore _inner;
    private readonly IStoreLayer _layer;
    private readonly IReadOnlySet<string> _withheld;
    private LayeredRangedRead? _rangedRead;
    private LayeredPartedWrite? _partedWrite;
    private LayeredFlatListing? _flatListing;
    private LayeredDirectories? _directories;
    private LayeredLinks? _links;
    private LayeredBulkDelete? _bulkDelete;
    private LayeredVersionedDelete? _versionedDelete;
    private LayeredServerCopy? _serverCopy;
    private LayeredThirdPartyCopy? _thirdPartyCopy;
    private LayeredStoredChecksum? _storedChecksum;
    private LayeredHardLinks? _hardLinks;
    private LayeredUserMetadata? _userMetadata;
    private LayeredRename? _rename;
    private LayeredFreeSpace? _freeSpace;
    private LayeredSettableTime? _settableTime;
    private LayeredDurability? _durability;

    /// <summary>Puts a layer around a store.</summary>
    public LayeredStore(IStore inner, IStoreLayer layer)
        : this(inner, layer, new HashSet<string>())
    {
    }

    /// <summary>Puts a layer around a store and keeps some of its capabilities back.</summary>
    /// <param name="inner">The store.</param>
    /// <param name="layer">What stands around its calls.</param>
    /// <param name="withheld">Names of properties of <see cref="IStore"/>, or of <see cref="IPartedWrite"/>, that are
    /// null whatever the inner store can do.</param>
    public LayeredStore(IStore inner, IStoreLayer layer, IReadOnlySet<string> withheld)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(withheld);
        _inner = inner;
        _layer = layer;
        _withheld = withheld;
    }

    /// <inheritdoc/>
    public StoreIdentity Identity => _inner.Identity;

    /// <inheritdoc/>
    public StoreLimits Limits => _inner.Limits;

    /// <inheritdoc/>
    public IRangedRead? RangedRead =>
        _rangedRead ??= Shown(_inner.RangedRead, nameof(RangedRead)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IPartedWrite? PartedWrite =>
        _partedWrite ??= Shown(_inner.PartedWrite, nameof(PartedWrite)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IFlatListing? FlatListing =>
        _flatListing ??= Shown(_inner.FlatListing, nameof(FlatListing)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IDirectories? Directories =>
        _directories ??= Shown(_inner.Directories, nameof(Directories)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public ILinks? Links => _links ??= Shown(_inner.Links, nameof(Links)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IBulkDelete? BulkDelete =>
        _bulkDelete ??= Shown(_inner.BulkDelete, nameof(BulkDelete)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IVersionedDelete? VersionedDelete =>
        _versionedDelete ??= Shown(_inner.VersionedDelete, nameof(VersionedDelete)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IServerCopy? ServerCopy =>
        _serverCopy ??= Shown(_inner.ServerCopy, nameof(ServerCopy)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IThirdPartyCopy? ThirdPartyCopy =>
        _thirdPartyCopy ??= Shown(_inner.ThirdPartyCopy, nameof(ThirdPartyCopy)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public ThirdPartySource? ThirdPartySource => Shown(_inner.ThirdPartySource, nameof(ThirdPartySource));

    /// <inheritdoc/>
    public IStoredChecksum? StoredChecksum =>
        _storedChecksum ??= Shown(_inner.StoredChecksum, nameof(StoredChecksum)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IArrivalChecksum? ArrivalChecksum => Shown(_inner.ArrivalChecksum, nameof(ArrivalChecksum));

    /// <inheritdoc/>
    public IHardLinks? HardLinks =>
        _hardLinks ??= Shown(_inner.HardLinks, nameof(HardLinks)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IUserMetadata? UserMetadata =>
        _userMetadata ??= Shown(_inner.UserMetadata, nameof(UserMetadata)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IRename? Rename => _rename ??= Shown(_inner.Rename, nameof(Rename)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IFreeSpace? FreeSpace =>
        _freeSpace ??= Shown(_inner.FreeSpace, nameof(FreeSpace)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public ISettableTime? SettableTime =>
        _settableTime ??= Shown(_inner.SettableTime, nameof(SettableTime)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IDurability? Durability =>
        _durability ??= Shown(_inner.Durability, nameof(Durability)) is { } can ? new(this, can) : null;

    /// <inheritdoc/>
    public IDiagnosis? Diagnosis => Shown(_inner.Diagnosis, nameof(Diagnosis));

    /// <inheritdoc/>
    public ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct) =>
        _layer.AroundAsync(new StoreCall(StoreVerb.Stat, path), token => _inner.StatAsync(path, token), ct);

    /// <inheritdoc/>
    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
        _layer.AroundAsync(
            new StoreCall(StoreVerb.List, directory), token => _inner.ListAsync(directory, position, token), ct);

    /// <inheritdoc/>
    public async ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct)
    {
        var call = new StoreCall(StoreVerb.OpenRead, path);
        StoreBody body = await _layer.AroundAsync(call, token => _inner.OpenReadAsync(path, token), ct).ConfigureAwait(false);
        Stream content = _layer.AroundBody(call, body.Content);
        return ReferenceEquals(content, body.Content) ? body : body with { Content = content };
    }

    /// <inheritdoc/>
    public ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        RequireEnforced(options.Expected, path);
        var call = new StoreCall(StoreVerb.Write, path, source.Length);
        return _layer.AroundAsync(
            call, token => _inner.WriteAsync(path, _layer.AroundSource(call, source), options, token), ct);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StorePath path, CancellationToken ct) =>
        AroundAsync(new StoreCall(StoreVerb.Delete, path), token => _inner.DeleteAsync(path, token), ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private T? Shown<T>(T? capability, string name)
        where T : class => _withheld.Contains(name) ? null : capability;

    /// <summary>A call without an answer, as a layer sees it.</summary>
    private async ValueTask AroundAsync(StoreCall call, Func<CancellationToken, ValueTask> next, CancellationToken ct) =>
        await _layer.AroundAsync(
            call,
            async token =>
            {
                await next(token).ConfigureAwait(false);
                return true;
            },
            ct).ConfigureAwait(false);

    private async ValueTask<Stream> OpenAsync(
        StoreCall call, Func<CancellationToken, ValueTask<Stream>> next, CancellationToken ct) =>
        _layer.AroundBody(call, await _layer.AroundAsync(call, next, ct).ConfigureAwait(false));

    /// <summary>A claim that nobody enforces would pass for a proof.</summary>
    private void RequireEnforced(Checksum? expected, StorePath path)
    {
        if (expected is not null && ArrivalChecksum is null)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, "This store checks no checksum on arrival; none can be sent with the bytes.")
            {
                Path = path,
            };
        }
    }
}
