using System.Text;
using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>
/// A directory tree of this machine, reached through system calls, so that names may be any bytes. Calls complete at once on the
/// thread that makes them: callers bring their own threads.
/// </summary>
public sealed class LocalStore : IStore
{
    private readonly LocalTree _tree;
    private readonly LocalPartedWrite _partedWrite;

    private LocalStore(ReadOnlySpan<byte> root, LocalOptions options)
    {
        var found = new LocalRoot(root, options.CreateRoot);
        _tree = new LocalTree(found, options);
        _partedWrite = new LocalPartedWrite(_tree, options);
        Identity = new StoreIdentity("file", "", found.Absolute);
        RangedRead = new LocalRangedRead(_tree);
        Directories = new LocalDirectories(_tree);
        Links = new LocalLinks(_tree);
        ServerCopy = new LocalServerCopy(_tree, _partedWrite, options);
        HardLinks = new LocalHardLinks(_tree, options);
        Rename = new LocalRename(_tree);
        FreeSpace = new LocalFreeSpace(_tree);
        SettableTime = new LocalSettableTime(_tree);
        Durability = new LocalDurability(_tree, _partedWrite, options);
        Diagnosis = new LocalDiagnosis(this, _tree);
    }

    /// <summary>The store of a directory. It is looked for by the first call that needs it.</summary>
    /// <param name="root">Its path, absolute or relative to the working directory. Links on it are followed, once.</param>
    /// <param name="options">How the store behaves; null for the defaults.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.InvalidRequest"/>: the path holds a NUL byte.</exception>
    public static LocalStore In(ReadOnlySpan<byte> root, LocalOptions? options = null) => new(root, options ?? new LocalOptions());

    /// <summary>The store of a directory whose path is text.</summary>
    public static LocalStore In(string root, LocalOptions? options = null) => In(Encoding.UTF8.GetBytes(root), options);

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    /// <remarks>A path may be longer than the 4,096 bytes that one call takes: it is then walked in steps.</remarks>
    public StoreLimits Limits { get; } = new() { NameBytes = PartialName.MaxBytes, KeepsMode = true };

    /// <inheritdoc/>
    public IRangedRead? RangedRead { get; }

    /// <inheritdoc/>
    public IPartedWrite? PartedWrite => _partedWrite;

    /// <inheritdoc/>
    public IFlatListing? FlatListing => null;

    /// <inheritdoc/>
    public IDirectories? Directories { get; }

    /// <inheritdoc/>
    public ILinks? Links { get; }

    /// <inheritdoc/>
    public IBulkDelete? BulkDelete => null;

    /// <inheritdoc/>
    public IServerCopy? ServerCopy { get; }

    /// <inheritdoc/>
    public IThirdPartyCopy? ThirdPartyCopy => null;

    /// <inheritdoc/>
    public IStoredChecksum? StoredChecksum => null;

    /// <inheritdoc/>
    public IArrivalChecksum? ArrivalChecksum => null;

    /// <inheritdoc/>
    public IHardLinks? HardLinks { get; }

    /// <inheritdoc/>
    public IRename? Rename { get; }

    /// <inheritdoc/>
    public IFreeSpace? FreeSpace { get; }

    /// <inheritdoc/>
    public ISettableTime? SettableTime { get; }

    /// <inheritdoc/>
    public IDurability? Durability { get; }

    /// <inheritdoc/>
    public IDiagnosis? Diagnosis { get; }

    /// <inheritdoc/>
    public ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct) =>
        LocalCall.Run((_tree, path), static call => Stat(call._tree, call.path), ct);

    /// <inheritdoc/>
    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) => LocalCall.Run(
        (_tree, directory, position, ct),
        static call => call.position is null
            ? LocalListing.Begin(call._tree, call.directory, call.ct)
            : LocalListing.Continue(call.position, call.ct),
        ct);

    /// <inheritdoc/>
    public ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct) =>
        LocalCall.Run((_tree, path), static call => OpenRead(call._tree, call.path), ct);

    /// <inheritdoc/>
    public ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct) =>
        _partedWrite.WriteWholeAsync(path, source, options, ct);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StorePath path, CancellationToken ct) =>
        LocalCall.Run((_tree, path), static call => Delete(call._tree, call.path), ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _tree.Dispose();
        return ValueTask.CompletedTask;
    }

    private static StoreEntry? Stat(LocalTree tree, StorePath path)
    {
        int error = tree.TryFind(path, out Place place);
        StoreEntry? entry = null;
        using (place)
        {
            error = error < 0 ? error : LocalEntries.Look(place, path, out entry);
        }

        // A link that cannot be followed is what the listing calls it: a link.
        if (tree.Follows && error is -Errno.NoEntry or -Errno.CrossDevice or -Errno.Loop && tree.TryFindUnfollowed(path, out place) == 0)
        {
            using (place)
            {
                error = LocalEntries.Look(place, path, out entry);
            }
        }

        // Below a file or a link there is nothing.
        return error is 0 or -Errno.NoEntry or -Errno.NotDirectory or -Errno.Loop or -Errno.CrossDevice
            ? entry
            : throw LocalErrors.Translate(error, "looked at", path);
    }

    private static StoreBody OpenRead(LocalTree tree, StorePath path)
    {
        Descriptor file = LocalFile.Open(tree, path, out Statx facts);
        Posix.Advise(file, 0, 0, Advice.Sequential);
        return new StoreBody(LocalEntries.From(path, facts), new LocalBody(file, path, 0, facts.Length) { Opened = facts, PastCache = tree.ReadsPastCache });
    }

    private static void Delete(LocalTree tree, StorePath path)
    {
        if (path.IsRoot)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, "The root of a store is not deleted through the store.");
        }

        int error = tree.TryFindUnfollowed(path, out Place place);
        using (place)
        {
            error = error < 0 ? error : place.Unlink();
            if (error == -Errno.IsDirectory)
            {
                error = Posix.UnlinkAt(place.Directory, place.Name, At.RemoveDirectory);
            }
        }

        // Below a file there is nothing. Below a link there may be, but not in this store: that is said, not passed over.
        if (error is not (-Errno.NoEntry or -Errno.NotDirectory))
        {
            LocalErrors.Check(error == -Errno.Exists ? -Errno.NotEmpty : error, "deleted", path);
        }
    }
}
