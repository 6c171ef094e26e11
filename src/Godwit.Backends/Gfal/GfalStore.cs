using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>A directory tree of a GridFTP (<c>gsiftp</c>) or XRootD (<c>root</c>, <c>roots</c>) server, reached through libgfal2 in a worker process.</summary>
public sealed class GfalStore : IStore
{
    private readonly GfalTree _tree;
    private readonly GfalRead _read;
    private readonly GfalPartedWrite _partedWrite;
    private readonly GfalThirdPartyCopy _thirdPartyCopy;

    /// <param name="workers">How the server is reached. Disposed by whoever made it, after its last store.</param>
    /// <param name="root">The directory, from the server's root.</param>
    /// <param name="createRoot">Whether a missing root is made by the first write. A mistyped source must be an error.</param>
    public GfalStore(GfalWorkers workers, StorePath root, bool createRoot)
    {
        ArgumentNullException.ThrowIfNull(workers);
        GfalServer server = workers.Options.Server;
        _tree = new GfalTree(workers, root, createRoot);
        _read = new GfalRead(_tree);
        Identity = server.Identity(root);
        if (_tree.Refuses(root) is { } why)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"\"{root}\" cannot be a directory on {server}: {why}.");
        }

        Limits = new StoreLimits
        {
            // A name of 255 bytes is left out of XRootD's listings.
            NameBytes = PartialName.MaxBytes - (server.IsXrootd ? 1 : 0),
            PathBytes = 3800,
            TimePrecision = 0,
            ToldPrecision = 1_000_000_000,
            VersionsAreExact = false,
            HidesLinks = true,
            // XRootD carries all of them over one connection; each of GridFTP is a session of its own.
            DefaultConcurrency = server.IsXrootd ? 16 : 8,
            RefusesName = _tree.Refuses,
        };
        var rename = new GfalRename(_tree);
        _partedWrite = new GfalPartedWrite(_tree, _read, rename, Limits);
        _thirdPartyCopy = new GfalThirdPartyCopy(_tree);
        Directories = new GfalDirectories(_tree);
        StoredChecksum = new GfalChecksums(_tree);
        Rename = rename;
        FreeSpace = server.IsXrootd ? new GfalSpace(_tree) : null;
        Diagnosis = new GfalDiagnosis(this, _tree);
    }

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    /// <remarks>A file's time is the moment at which it was written, in whole seconds: neither protocol, through libgfal2, sets another.</remarks>
    public StoreLimits Limits { get; }

    /// <inheritdoc/>
    public IRangedRead? RangedRead => _tree.Server.IsXrootd ? _read : null;

    /// <inheritdoc/>
    public IPartedWrite? PartedWrite => _partedWrite;

    /// <inheritdoc/>
    public IFlatListing? FlatListing => null;

    /// <inheritdoc/>
    public IDirectories? Directories { get; }

    /// <inheritdoc/>
    public ILinks? Links => null;

    /// <inheritdoc/>
    public IBulkDelete? BulkDelete => null;

    /// <inheritdoc/>
    public IServerCopy? ServerCopy => null;

    /// <inheritdoc/>
    public IThirdPartyCopy? ThirdPartyCopy => _thirdPartyCopy;

    /// <inheritdoc/>
    public ThirdPartySource? ThirdPartySource => _thirdPartyCopy.Itself;

    /// <inheritdoc/>
    public IStoredChecksum? StoredChecksum { get; }

    /// <inheritdoc/>
    public IArrivalChecksum? ArrivalChecksum => null;

    /// <inheritdoc/>
    public IRename? Rename { get; }

    /// <inheritdoc/>
    public IFreeSpace? FreeSpace { get; }

    /// <inheritdoc/>
    public ISettableTime? SettableTime => null;

    /// <inheritdoc/>
    public IDurability? Durability => null;

    /// <inheritdoc/>
    public IDiagnosis? Diagnosis { get; }

    /// <inheritdoc/>
    public async ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return await _tree.LookAsync(path, ct).ConfigureAwait(false) is { } facts ? GfalEntries.From(path, facts) : null;
    }

    /// <inheritdoc/>
    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
        position is null ? GfalListing.BeginAsync(_tree, directory, ct) : GfalListing.ContinueAsync(position, ct);

    /// <inheritdoc/>
    public ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct) => _read.OpenAsync(path, ct);

    /// <inheritdoc/>
    public ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        return _partedWrite.WriteWholeAsync(path, source, options, ct);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (path.IsRoot)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, "The root of a store is not deleted through the store.");
        }

        if (await _tree.LookAsync(path, ct).ConfigureAwait(false) is not { } there)
        {
            return;
        }

        await new GfalDelete(_tree).DeleteAsync(path, GfalEntries.KindOf(there) == EntryKind.Directory, ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
