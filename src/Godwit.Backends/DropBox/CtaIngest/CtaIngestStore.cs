using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>
/// A bucket as CTA Ingest keeps it, for hosts whose other side is that program: five state files at its root, and files packed into parts below
/// <c>parts/</c>. How it is kept is told in <c>CtaIngest.md</c>. Disposing it disposes the store that it is in.
/// </summary>
public sealed class CtaIngestStore : IStore, IStoredChecksum, IVersionedDelete
{
    private readonly DropBoxOptions _options;
    private readonly TimeProvider _time;
    private readonly CtaIngestBox _box;
    private readonly CtaIngestWriting _writing;
    private readonly CtaIngestCleaning _cleaning;
    private readonly CtaIngestListing _listing;

    /// <summary>Opens a box.</summary>
    /// <param name="inner">The store that it is in. Its layers repeat what fails for a moment.</param>
    /// <param name="options">How the box is used.</param>
    /// <param name="time">The clock.</param>
    public CtaIngestStore(IStore inner, DropBoxOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        Identity = IdentityIn(inner.Identity);
        Limits = LimitsWithin(inner) with { TellsCollected = options.CountsDelivered };
        (_options, _time, _box) = (options, time, new CtaIngestBox(inner));
        _writing = new CtaIngestWriting(_box, options, Limits, time);
        _cleaning = new CtaIngestCleaning(_box);
        _listing = new CtaIngestListing(_box, options.CountsDelivered);
    }

    /// <summary>Which box it is that lies at the root of a store.</summary>
    public static StoreIdentity IdentityIn(StoreIdentity inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return inner with { Scheme = $"cta-ingest{StoreIdentity.Within}{inner.Scheme}" };
    }

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    public StoreLimits Limits { get; }

    /// <summary>None: a frame is unpacked from its first byte.</summary>
    public IRangedRead? RangedRead => null;

    /// <summary>None: a frame that was begun cannot be gone on with.</summary>
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

    /// <summary>For whoever puts files in: what their parts unpack to. That is known of what was packed here, each byte of which was held against a checksum
    /// as it was stored; any other file that waits is read for it. Who takes files out reads them anyway.</summary>
    public IStoredChecksum? StoredChecksum => _options.CountsDelivered ? this : null;

    /// <inheritdoc/>
    public IArrivalChecksum? ArrivalChecksum => null;

    /// <inheritdoc/>
    public IRename? Rename => null;

    /// <inheritdoc/>
    public IFreeSpace? FreeSpace => null;

    /// <inheritdoc/>
    public ISettableTime? SettableTime => null;

    /// <summary>None needed: what a file is kept in is made durable before it is told of.</summary>
    public IDurability? Durability => null;

    /// <inheritdoc/>
    public IDiagnosis? Diagnosis => null;

    /// <inheritdoc/>
    public IReadOnlyList<ChecksumKind> Kinds { get; } = [ChecksumKind.Crc64Nvme];

    /// <inheritdoc/>
    public bool IsToldWithEntries => false;

    /// <inheritdoc/>
    public async ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return path.IsRoot ? await _box.Inner.StatAsync(path, ct).ConfigureAwait(false)
            : (await _listing.FindAsync(path, ct).ConfigureAwait(false))?.ToEntry();
    }

    /// <inheritdoc/>
    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return directory.IsRoot ? _listing.PageAsync(position, ct) : throw Absent(directory);
    }

    /// <inheritdoc/>
    public async ValueTask<Checksum?> GetAsync(StorePath path, ChecksumKind kind, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        CtaIngestFile file = await _listing.FindAsync(path, ct).ConfigureAwait(false) ?? throw Absent(path);
        return file.IsDelivered || kind != ChecksumKind.Crc64Nvme ? null
            : _writing.ProvedOf(file) ?? await _listing.DigestAsync(file, ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        CtaIngestFile file = await _listing.FindAsync(path, ct).ConfigureAwait(false) ?? throw Absent(path);
        return file.IsDelivered
            ? throw new StoreException(StoreErrorKind.NotFound, $"\"{path}\" was delivered and its bytes are no longer in the drop box.") { Path = path }
            : new StoreBody(file.ToEntry(), await _listing.OpenAsync(file, ct).ConfigureAwait(false));
    }

    /// <summary>Writes a whole file. What it is packed into was seen to unpack to it before anybody is told of it. What was delivered, or waits in an older
    /// version, is never replaced.</summary>
    /// <inheritdoc/>
    public async ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        return await _writing.WriteAsync(path, source, options, ct).ConfigureAwait(false);
    }

    /// <summary>Marks a file as delivered: it is written down as being at the destination, and its parts go. With
    /// <see cref="DropBoxOptions.CountsDelivered"/> it is taken back unless it was delivered.</summary>
    public ValueTask DeleteAsync(StorePath path, CancellationToken ct) => DeleteVersionAsync(path, null, ct);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StorePath path, string version, CancellationToken ct) => DeleteVersionAsync(path, version, ct);

    /// <summary>On the side that puts files in: frees the parts of what was delivered meanwhile, and what tells of them.</summary>
    /// <returns>How many files. Of a box that is not there yet, none.</returns>
    public async ValueTask<int> CleanAsync(CancellationToken ct)
    {
        try
        {
            return await _cleaning.SourceAsync(ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return 0;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _box.Inner.DisposeAsync();

    /// <summary>What a box in a store can hold.</summary>
    internal static StoreLimits LimitsWithin(IStore inner)
    {
        StoreLimits limits = inner.Limits;
        return new StoreLimits
        {
            NamesAreBytes = false,
            NameBytes = limits.NameBytes,
            PathBytes = limits.PathBytes,
            RefusesName = path => WhyNot(path, inner),
            TimePrecision = 1_000,
            DefaultConcurrency = limits.DefaultConcurrency,
        };
    }

    private async ValueTask DeleteVersionAsync(StorePath path, string? version, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (await _listing.FindAsync(path, ct).ConfigureAwait(false) is not { } file)
        {
            return;
        }

        if (version is not null && file.Version != version)
        {
            throw new StoreException(StoreErrorKind.PreconditionFailed, $"\"{path}\" is no longer version {version}.") { Path = path };
        }

        if (!_options.CountsDelivered)
        {
            string place = _options.DeliversTo is { } to ? $"{to.TrimEnd('/')}/{file.Name}" : file.Name;
            await _cleaning.DeliverAsync(file, place, Timestamp.From(_time.GetUtcNow()), ct).ConfigureAwait(false);
        }
        else if (!file.IsDelivered)
        {
            await _cleaning.WithdrawAsync(file.Name, ct).ConfigureAwait(false);
        }
    }

    private static StoreException Absent(StorePath path) => new(StoreErrorKind.NotFound, $"There is nothing at \"{path}\" in the drop box.") { Path = path };

    /// <summary>Why a whole path, root included, cannot be a file here; null when it can.</summary>
    private static string? WhyNot(StorePath path, IStore inner)
    {
        StorePath name = path.RelativeTo(inner.Identity.Root);
        if (name.IsRoot || !CtaIngestLayout.IsFlat(name))
        {
            return name.IsRoot ? "it is the box's root"
                : "the layout of CTA Ingest keeps bare names and no directories; push each directory to a box of its own, or leave directories out with --max-depth 1";
        }

        string key = CtaIngestLayout.Parts + CtaIngestLayout.PartPath(new string('0', CtaIngestParts.AttemptLetters), CtaIngestLayout.NameOf(name), 0);
        StorePath part = inner.Identity.Absolute(StorePath.FromText(key));
        return name.Bytes.StartsWith(".*"u8) ? "CTA Ingest passes over names that begin with \".*\" and would never tell that it arrived"
            : (inner.Limits.StoredBytes?.Invoke(part) ?? part.Bytes.Length) != part.Bytes.Length
                ? "the bucket would keep its parts under other names, which CTA Ingest does not know"
            : inner.Limits.Refuses(part);
    }
}
