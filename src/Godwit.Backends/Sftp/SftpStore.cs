using Godwit.Backends.Local;
using Godwit.Backends.Sftp.Shell;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>
/// A directory tree of an SFTP server, reached through the user's own OpenSSH: its configuration, agents, jump hosts and host keys are in
/// force, and Godwit speaks SFTP version 3 over the pipes of <c>ssh -s HOST sftp</c>.
/// </summary>
public sealed class SftpStore : IStore
{
    private readonly SftpTree _tree;
    private readonly SftpRead _read;
    private readonly SftpPartedWrite _partedWrite;

    private SftpStore(SftpConnections connections, StorePath root, bool createRoot, bool followLinks, IReadOnlySet<string> extensions, bool hasChecksums)
    {
        Identity = new StoreIdentity("sftp", connections.Options.Server.Authority, root);
        _tree = new SftpTree(connections, root, createRoot, followLinks);
        _read = new SftpRead(_tree);
        var files = new SftpUploadFiles(_tree, Limits, root);
        var parts = new PartLimits { CreateOnlyIsAtomic = extensions.Contains(Extension.HardLink) };
        var done = new SftpSyncedFiles();
        SftpChecksums? checksums = hasChecksums ? new SftpChecksums(_tree, files, connections.Checksums) : null;
        StoredChecksum = checksums;
        _partedWrite = new SftpPartedWrite(_tree, files, _read, done, parts) { UnpublishedChecksum = checksums };
        Directories = new SftpDirectories(_tree);
        Links = extensions.Contains(Extension.Versions) ? null : new SftpLinks(_tree, Refuses);
        ServerCopy = extensions.Contains(Extension.Copy) ? new SftpServerCopy(_tree, files, _partedWrite, Identity) : null;
        Rename = extensions.Contains(Extension.PosixRename) ? new SftpRename(_tree, done, Refuses) : null;
        FreeSpace = extensions.Contains(Extension.Space) ? new SftpSpace(_tree) : null;
        SettableTime = new SftpTimes(_tree);
        Diagnosis = new SftpDiagnosis(this, _tree);
        Durability = extensions.Contains(Extension.Sync) ? new SftpDurability(_tree, _partedWrite, done) : null;
    }

    /// <summary>Opens the store of a directory, which need not be there. Connects where that has not happened yet.</summary>
    /// <param name="connections">How the server is reached. Disposed by whoever made it, after its last store.</param>
    /// <param name="root">The directory: absolute, or relative to where the server puts this account.</param>
    /// <param name="createRoot">Whether a missing root is made by the first write. A mistyped source must be an error.</param>
    /// <param name="followLinks">Whether links are followed when reading, as far as they stay below the root. Writing follows none.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="StoreException">No connection comes about; or links are to be followed on a server that does not tell where they
    /// point.</exception>
    public static async Task<SftpStore> OpenAsync(
        SftpConnections connections, byte[] root, bool createRoot, bool followLinks, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(connections);
        ArgumentNullException.ThrowIfNull(root);
        SftpSession session = await connections.GetAsync(ct).ConfigureAwait(false);
        if (followLinks && session.MistakesLinks)
        {
            throw new StoreException(
                StoreErrorKind.Unsupported, $"Links cannot be followed on {connections.Options.Server}, which takes what they point to for the links themselves.");
        }

        // Beside each other: a shell takes a login.
        Task<bool> hasChecksums = !connections.Options.ShellChecksums ? Task.FromResult(false)
            : connections.Checksums.AreThereAsync(() => SftpShell.OpenAsync(connections.Options, session, connections.Time), ct);
        Task<StorePath> whole = SftpRoot.ResolveAsync(session, root).WaitAsync(ct);
        await Task.WhenAll(whole, hasChecksums).ConfigureAwait(false);
        return new SftpStore(
            connections, await whole.ConfigureAwait(false), createRoot, followLinks, session.Extensions, await hasChecksums.ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    /// <remarks>Times are whole seconds from 1970 to 2106: the protocol has no others. Below a path so long there is
    /// room for every name within the 4,096 bytes that servers take, so that whatever was written is listed.</remarks>
    public StoreLimits Limits { get; } = new()
    {
        NameBytes = PartialName.MaxBytes,
        PathBytes = 3800,
        TimePrecision = 1_000_000_000,
        EarliestTime = new Timestamp(0),
        LatestTime = Timestamp.FromUnix(uint.MaxValue, 0),
        VersionsAreExact = false,
        KeepsMode = true,
        DefaultConcurrency = 32,
    };

    /// <inheritdoc/>
    public IRangedRead? RangedRead => _read;

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
    public IStoredChecksum? StoredChecksum { get; }

    /// <inheritdoc/>
    public IArrivalChecksum? ArrivalChecksum => null;

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
    public async ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct)
    {
        SftpSession session = await _tree.SessionAsync(ct).ConfigureAwait(false);
        if (await _tree.FindAsync(session, path, ct).ConfigureAwait(false) is not { } found)
        {
            return null;
        }

        bool isLink = found.Attributes.Kind == EntryKind.Link;
        byte[]? target = isLink ? await session.TargetAsync(_tree.Place(found.Real)).ConfigureAwait(false) : null;
        return SftpEntries.From(path, found.Attributes, target);
    }

    /// <inheritdoc/>
    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
        position is null ? SftpListing.BeginAsync(_tree, directory, ct) : SftpListing.ContinueAsync(position, ct);

    /// <inheritdoc/>
    public ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct) => _read.OpenAsync(path, ct);

    /// <inheritdoc/>
    public ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct) =>
        _partedWrite.WriteWholeAsync(path, source, options, ct);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (path.IsRoot)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, "The root of a store is not deleted through the store.");
        }

        SftpSession session = await _tree.SessionAsync(ct).ConfigureAwait(false);
        await _tree.RefuseLinksAsync(session, path, ct).ConfigureAwait(false);
        if (await _tree.LookAsync(session, path, ct).ConfigureAwait(false) is not { } found)
        {
            return;
        }

        ct.ThrowIfCancellationRequested();
        byte[] place = _tree.Place(path);
        bool isDirectory = found.Kind == EntryKind.Directory;
        Reply removed = await (isDirectory ? session.RemoveDirectoryAsync(place) : session.RemoveAsync(place)).ConfigureAwait(false);
        StatusCode meant = SftpErrors.Meant(removed);
        if (meant == StatusCode.Failure && isDirectory)
        {
            throw SftpErrors.Of(StoreErrorKind.Unsupported, path, "could not be deleted: the directory is not empty");
        }

        if (meant is not (StatusCode.NoSuchFile or StatusCode.NoSuchPath))
        {
            removed.RequireOk("deleted", path);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string? Refuses(StorePath path) => Limits.Refuses(Identity.Absolute(path));
}
