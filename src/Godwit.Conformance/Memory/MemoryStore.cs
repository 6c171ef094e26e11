using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>
/// A store in memory with S3's manners: keys of UTF-8, no directories but the prefixes of keys, no rename, uploads by parts that
/// outlive the store object, pages of a thousand. <see cref="MemoryStoreOptions"/> gives it other manners.
/// </summary>
public sealed class MemoryStore : IStore, IRangedRead, IUserMetadata
{
    private readonly MemoryListing _listing;
    private readonly MemoryCopy _copy;
    private readonly MemoryChecksums _checksums;
    private readonly MemoryPosix? _posix;

    /// <summary>Opens a bucket, which is made when it is not there.</summary>
    /// <param name="space">Where the bucket is.</param>
    /// <param name="bucket">Its name.</param>
    /// <param name="options">The store's manners; null for S3's.</param>
    /// <param name="root">The store's root within the bucket.</param>
    public MemoryStore(MemorySpace space, string bucket, MemoryStoreOptions? options = null, StorePath root = default)
    {
        ArgumentNullException.ThrowIfNull(space);
        Space = space;
        Bucket = space.Bucket(bucket);
        Options = options ?? MemoryStoreOptions.Default;
        Limits = Options.Limits;
        RealRoot = root;
        Identity = new StoreIdentity("memory", Options.Alias is { } alias ? $"{alias}/{bucket}" : space.AuthorityOf(bucket), Options.ToldRoot ?? root);
        Parts = new MemoryPartedWrite(this);
        BulkDelete = new MemoryBulkDelete(this);
        VersionedDelete = Options.VersionedDelete ? new MemoryVersionedDelete(this) : null;
        _listing = new MemoryListing(this);
        _copy = new MemoryCopy(this);
        _checksums = new MemoryChecksums(this);
        _posix = Options.PosixManners ? new MemoryPosix(this) : null;
    }

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    public StoreLimits Limits { get; }

    /// <inheritdoc/>
    public IRangedRead? RangedRead => this;

    /// <inheritdoc/>
    public IPartedWrite? PartedWrite => Parts;

    /// <inheritdoc/>
    public IFlatListing? FlatListing => _listing;

    /// <inheritdoc/>
    public IDirectories? Directories => _posix;

    /// <inheritdoc/>
    public ILinks? Links => _posix;

    /// <inheritdoc/>
    public IBulkDelete? BulkDelete { get; }

    /// <inheritdoc/>
    public IVersionedDelete? VersionedDelete { get; }

    /// <inheritdoc/>
    public IServerCopy? ServerCopy => _copy;

    /// <inheritdoc/>
    public IThirdPartyCopy? ThirdPartyCopy => _copy;

    /// <inheritdoc/>
    public ThirdPartySource? ThirdPartySource => new(Identity.Space, RealRoot, "");

    /// <inheritdoc/>
    public IStoredChecksum? StoredChecksum => _checksums;

    /// <inheritdoc/>
    public IArrivalChecksum? ArrivalChecksum => _checksums;

    /// <inheritdoc/>
    public IHardLinks? HardLinks => _posix;

    /// <inheritdoc/>
    public IUserMetadata? UserMetadata => this;

    /// <inheritdoc/>
    public IRename? Rename => _posix;

    /// <inheritdoc/>
    public IFreeSpace? FreeSpace => _posix;

    /// <inheritdoc/>
    public ISettableTime? SettableTime => _posix;

    /// <inheritdoc/>
    public IDurability? Durability => _posix;

    /// <inheritdoc/>
    public IDiagnosis? Diagnosis => null;

    /// <summary>Uploads under way in the bucket: zero after work that left nothing behind.</summary>
    public int UploadCount
    {
        get
        {
            lock (Bucket.Gate)
            {
                return Bucket.Uploads.Count;
            }
        }
    }

    internal MemorySpace Space { get; }

    internal MemoryPartedWrite Parts { get; }

    internal MemoryBucket Bucket { get; }

    internal MemoryStoreOptions Options { get; }

    internal Timestamp Now => Timestamp.From(Space.Time.GetUtcNow()).Floor(Limits.TimePrecision);

    /// <inheritdoc/>
    public async ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct)
    {
        await EnterAsync(ct).ConfigureAwait(false);
        lock (Bucket.Gate)
        {
            StorePath absolute = Absolute(path);
            return Bucket.Find(absolute)?.ToEntry(path)
                ?? (path.IsRoot || Bucket.HasBelow(absolute) ? new StoreEntry { Path = path, Kind = EntryKind.Directory } : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
        _listing.ListAsync(directory, position, ct);

    /// <inheritdoc/>
    public async ValueTask<FileWithPairs?> GetAsync(StorePath path, CancellationToken ct)
    {
        await EnterAsync(ct).ConfigureAwait(false);
        lock (Bucket.Gate)
        {
            return Bucket.Find(Absolute(path)) is { Kind: EntryKind.File } node ? new FileWithPairs(node.ToEntry(path), node.Pairs) : null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct)
    {
        await EnterAsync(ct).ConfigureAwait(false);
        lock (Bucket.Gate)
        {
            MemoryNode file = File(Bucket.Find(Absolute(path)), path, null);
            return new StoreBody(file.ToEntry(path), Range(file.Content, 0, long.MaxValue));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenRangeAsync(StorePath path, string? version, long offset, long length, CancellationToken ct)
    {
        await EnterAsync(ct).ConfigureAwait(false);
        lock (Bucket.Gate)
        {
            return Range(File(Bucket.Find(Absolute(path)), path, version).Content, offset, length);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        await EnterAsync(ct).ConfigureAwait(false);
        RefuseWhatCannotBe(path, options);
        byte[] content = await TakeAsync(path, source, options.Expected, ct).ConfigureAwait(false);
        return Place(path, content, options);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(StorePath path, CancellationToken ct)
    {
        await EnterAsync(ct).ConfigureAwait(false);
        Delete(path);
    }

    /// <summary>Nothing is held open: the bucket outlives the store.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal StorePath RealRoot { get; }

    internal StorePath Absolute(StorePath path) => RealRoot.Join(path);

    internal StorePath Relative(StorePath absolute) => absolute.RelativeTo(RealRoot);

    internal async ValueTask EnterAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (Options.Latency > TimeSpan.Zero)
        {
            await Task.Delay(Options.Latency, Space.Time, ct).ConfigureAwait(false);
        }
    }

    internal void RefuseWhatCannotBe(StorePath path, WriteOptions options)
    {
        string? refusal = path.IsRoot ? "the root is no file" : Limits.Refuses(Absolute(path));
        if (refusal is null && options.Expected is { } expected && !_checksums.Kinds.Contains(expected.Kind))
        {
            refusal = $"{Checksum.NameOf(expected.Kind)} is not checked here";
        }

        if (refusal is not null)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"\"{path}\" cannot be written: {refusal}.") { Path = path };
        }
    }

    internal void Delete(StorePath path)
    {
        lock (Bucket.Gate)
        {
            StorePath absolute = Absolute(path);
            if (Bucket.Find(absolute) is { Kind: EntryKind.Directory } && Bucket.HasBelow(absolute))
            {
                throw new StoreException(StoreErrorKind.Unsupported, $"The directory \"{path}\" is not empty.") { Path = path };
            }

            Bucket.Remove(absolute);
        }
    }

    internal StoreEntry Place(StorePath path, byte[] content, WriteOptions options)
    {
        Checksum md5 = MemoryNode.Md5Of(content);
        return Place(path, content, options, md5.Hex, md5);
    }

    internal StoreEntry Place(StorePath path, byte[] content, WriteOptions options, string etag, Checksum? md5)
    {
        lock (Bucket.Gate)
        {
            if (Bucket.UsedBytes + content.Length > Options.CapacityBytes)
            {
                throw new StoreException(StoreErrorKind.QuotaExceeded, $"{Identity} is full.") { Path = path };
            }

            StorePath absolute = Absolute(path);
            if (options.Replaces is { } version && Bucket.Find(absolute)?.ToEntry(path).Version != version)
            {
                throw new StoreException(StoreErrorKind.PreconditionFailed, $"\"{path}\" is no longer version {version}.") { Path = path };
            }

            var node = new MemoryNode
            {
                Kind = EntryKind.File,
                Content = content,
                Modified = (options.Metadata.PairsAlone ? null : options.Metadata.Modified?.Floor(Limits.TimePrecision)) ?? Now,
                Mode = Limits.KeepsMode ? (options.Metadata.Mode ?? 0b110_100_100) & 0b111_111_111 : null,
                ETag = etag,
                Md5 = md5,
                Pairs = new Dictionary<string, string>(options.Metadata.Pairs, StringComparer.Ordinal),
                Generation = Bucket.NextGeneration(),
            };
            Bucket.Place(absolute, node, options.CreateOnly, Options.PosixManners, Now);
            return node.ToEntry(path);
        }
    }

    /// <summary>Takes exactly the promised bytes from a source.</summary>
    internal static async ValueTask<byte[]> TakeAsync(StorePath path, WriteSource source, Checksum? expected, CancellationToken ct)
    {
        var content = new byte[source.Length];
        Stream stream = await source.OpenAsync(ct).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            int taken = await stream.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
            if (taken < content.Length || await stream.ReadAsync(new byte[1], ct).ConfigureAwait(false) > 0)
            {
                string fault = taken < content.Length ? $"{taken} bytes came" : "more came";
                throw new StoreException(StoreErrorKind.Integrity, $"{content.Length} bytes were promised for \"{path}\" and {fault}.") { Path = path };
            }
        }

        ct.ThrowIfCancellationRequested();
        return expected is { } sum && MemoryNode.Md5Of(content) != sum
            ? throw new StoreException(StoreErrorKind.Integrity, $"The bytes for \"{path}\" are not {sum}.") { Path = path }
            : content;
    }

    internal static MemoryNode File(MemoryNode? node, StorePath path, string? version)
    {
        if (node is null)
        {
            throw new StoreException(StoreErrorKind.NotFound, $"There is nothing at \"{path}\".") { Path = path };
        }

        if (node.Kind != EntryKind.File)
        {
            throw new StoreException(StoreErrorKind.Unsupported, $"\"{path}\" is not a file.") { Path = path };
        }

        return version is null || node.ToEntry(path).Version == version
            ? node
            : throw new StoreException(StoreErrorKind.PreconditionFailed, $"\"{path}\" is no longer version {version}.") { Path = path };
    }

    internal static MemoryStream Range(byte[] content, long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int from = (int)Math.Min(offset, content.Length);
        return new MemoryStream(content, from, (int)Math.Min(length, content.Length - from), writable: false);
    }
}
