using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

/// <summary>A store that does what another does, but for the calls that are altered: how a fault is planted.</summary>
internal sealed class AlteredStore(IStore inner)
    : IStore, IRangedRead, IPartedWrite, IUnpublishedRead, IUnpublishedChecksum, IUploadListing, IFlatListing, IDirectories, ILinks, IBulkDelete, IVersionedDelete, IServerCopy, IThirdPartyCopy,
        IStoredChecksum, IArrivalChecksum, IHardLinks, IUserMetadata, IRename, IFreeSpace, ISettableTime, IDurability
{
    public Func<PartLimits, PartLimits> PartLimits { get; init; } = limits => limits;

    public Func<StorePath, CancellationToken, ValueTask<StoreEntry?>> Stat { get; init; } = inner.StatAsync;

    public Func<StorePath, ListPosition?, CancellationToken, ValueTask<StorePage>> List { get; init; } = inner.ListAsync;

    public Func<StorePath, CancellationToken, ValueTask<StoreBody>> OpenRead { get; init; } = inner.OpenReadAsync;

    public Func<StorePath, WriteSource, WriteOptions, CancellationToken, ValueTask<StoreEntry>> Write { get; init; } = inner.WriteAsync;

    public Func<StorePath, CancellationToken, ValueTask> Delete { get; init; } = inner.DeleteAsync;

    public Func<StorePath, string?, long, long, CancellationToken, ValueTask<Stream>> OpenRange { get; init; } = inner.RangedRead!.OpenRangeAsync;

    public Func<StorePath, string, long?, WriteOptions, CancellationToken, ValueTask<PartedUpload>> Begin { get; init; } = inner.PartedWrite!.BeginAsync;

    public Func<StorePath, string, string?, long?, WriteOptions, CancellationToken, ValueTask<PartedUpload?>> Resume { get; init; } =
        inner.PartedWrite!.ResumeAsync;

    public Func<PartedUpload, int, long, WriteSource, Checksum?, CancellationToken, ValueTask<StoredPart>> WritePart { get; init; } =
        inner.PartedWrite!.WritePartAsync;

    public Func<PartedUpload, CancellationToken, ValueTask<IReadOnlyList<StoredPart>?>> ListParts { get; init; } = inner.PartedWrite!.ListPartsAsync;

    public Func<PartedUpload, IReadOnlyList<StoredPart>, CancellationToken, ValueTask<StoreEntry>> Complete { get; init; } =
        inner.PartedWrite!.CompleteAsync;

    public Func<PartedUpload, CancellationToken, ValueTask<bool>> Abort { get; init; } = inner.PartedWrite!.AbortAsync;

    public Func<PartedUpload, long, long, CancellationToken, ValueTask<Stream>> OpenUnpublished { get; init; } =
        inner.PartedWrite!.UnpublishedRead!.OpenRangeAsync;

    public Func<PartedUpload, ChecksumKind, CancellationToken, ValueTask<Checksum?>> GetUnpublishedChecksum { get; init; } =
        inner.PartedWrite!.UnpublishedChecksum is { } can ? can.GetAsync : (_, _, _) => ValueTask.FromResult<Checksum?>(null);

    public Func<StorePath, ListPosition?, CancellationToken, ValueTask<UploadPage>> ListUploads { get; init; } =
        inner.PartedWrite!.UploadListing!.ListAsync;

    public Func<StorePath, ListPosition?, CancellationToken, ValueTask<StorePage>> ListBelow { get; init; } = inner.FlatListing!.ListBelowAsync;

    public Func<StorePath, ListPosition, int, CancellationToken, ValueTask<IReadOnlyList<ListPosition>>> Split { get; init; } =
        inner.FlatListing!.SplitAsync;

    public Func<StorePath, CancellationToken, ValueTask> CreateDirectory { get; init; } = inner.Directories!.CreateAsync;

    public Func<StorePath, ReadOnlyMemory<byte>, WriteOptions, CancellationToken, ValueTask<StoreEntry>> CreateLink { get; init; } =
        inner.Links!.CreateAsync;

    public Func<IReadOnlyList<StorePath>, CancellationToken, ValueTask<IReadOnlyList<StoreException>>> DeleteMany { get; init; } =
        inner.BulkDelete!.DeleteAsync;

    public Func<StorePath, string, CancellationToken, ValueTask> DeleteVersion { get; init; } =
        inner.VersionedDelete is { } versioned ? versioned.DeleteAsync : (_, _, _) => ValueTask.CompletedTask;

    public Func<StoreIdentity, StorePath, string?, StorePath, WriteOptions, CancellationToken, ValueTask<StoreEntry>> Copy { get; init; } =
        inner.ServerCopy!.CopyAsync;

    public Func<ThirdPartySource, StorePath, PartedUpload, IProgress<long>?, CancellationToken, ValueTask<StoredPart>> Pull { get; init; } =
        inner.ThirdPartyCopy!.PullAsync;

    public long ChecksumWorthBytes { get; init; }

    long IUnpublishedChecksum.WorthBytes => ChecksumWorthBytes;

    public Func<StorePath, string?> NameRefused { get; init; } = _ => null;

    public Func<StorePath, ChecksumKind, CancellationToken, ValueTask<Checksum?>> GetChecksum { get; init; } = inner.StoredChecksum!.GetAsync;

    public Func<StorePath, CancellationToken, ValueTask<FileWithPairs?>> GetPairs { get; init; } =
        inner.UserMetadata is { } metadata ? metadata.GetAsync : (_, _) => ValueTask.FromResult<FileWithPairs?>(null);

    public Func<StorePath, StorePath, bool, CancellationToken, ValueTask> Move { get; init; } = inner.Rename!.RenameAsync;

    public Func<StorePath, StorePath, CancellationToken, ValueTask> Name { get; init; } =
        (from, to, ct) => inner.HardLinks!.LinkAsync(inner.Identity, from, to, ct);

    public Func<StorePath, CancellationToken, ValueTask<FreeSpace>> Space { get; init; } = inner.FreeSpace!.GetAsync;

    public Func<StorePath, Timestamp, CancellationToken, ValueTask> SetTime { get; init; } = inner.SettableTime!.SetAsync;

    public Func<IReadOnlyList<PartedUpload>, CancellationToken, ValueTask> SyncUploads { get; init; } = inner.Durability!.SyncUploadsAsync;

    public Func<IReadOnlyList<StorePath>, CancellationToken, ValueTask> SyncPublished { get; init; } = inner.Durability!.SyncPublishedAsync;

    public StoreIdentity Identity => inner.Identity;

    public StoreLimits Limits => inner.Limits;

    public IRangedRead? RangedRead => this;

    public IPartedWrite? PartedWrite => this;

    public IUnpublishedRead? UnpublishedRead => this;

    public IUnpublishedChecksum? UnpublishedChecksum => inner.PartedWrite!.UnpublishedChecksum is null ? null : this;

    public IUploadListing? UploadListing => this;

    public IFlatListing? FlatListing => this;

    public IDirectories? Directories => this;

    public ILinks? Links => this;

    public IBulkDelete? BulkDelete => this;

    public IVersionedDelete? VersionedDelete => inner.VersionedDelete is null ? null : this;

    public IServerCopy? ServerCopy => this;

    public IThirdPartyCopy? ThirdPartyCopy => this;

    public ThirdPartySource? ThirdPartySource => inner.ThirdPartySource;

    public IStoredChecksum? StoredChecksum => this;

    public IArrivalChecksum? ArrivalChecksum => this;

    public IHardLinks? HardLinks => this;

    public IUserMetadata? UserMetadata => inner.UserMetadata is null ? null : this;

    public IRename? Rename => this;

    public IFreeSpace? FreeSpace => this;

    public ISettableTime? SettableTime => this;

    public IDurability? Durability => this;

    public IDiagnosis? Diagnosis => null;

    PartLimits IPartedWrite.Limits => PartLimits(inner.PartedWrite!.Limits);

    int IBulkDelete.MaxPaths => inner.BulkDelete!.MaxPaths;

    IReadOnlyList<ChecksumKind> IStoredChecksum.Kinds => inner.StoredChecksum!.Kinds;

    bool IStoredChecksum.IsToldWithEntries => inner.StoredChecksum!.IsToldWithEntries;

    IReadOnlyList<ChecksumKind> IUnpublishedChecksum.Kinds => inner.PartedWrite!.UnpublishedChecksum!.Kinds;

    IReadOnlyList<ChecksumKind> IArrivalChecksum.Kinds => inner.ArrivalChecksum!.Kinds;

    public ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct) => Stat(path, ct);

    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) => List(directory, position, ct);

    ValueTask<UploadPage> IUploadListing.ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
        ListUploads(directory, position, ct);

    public ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct) => OpenRead(path, ct);

    public ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct) =>
        Write(path, source, options, ct);

    public ValueTask DeleteAsync(StorePath path, CancellationToken ct) => Delete(path, ct);

    public ValueTask<Stream> OpenRangeAsync(StorePath path, string? version, long offset, long length, CancellationToken ct) =>
        OpenRange(path, version, offset, length, ct);

    public ValueTask<PartedUpload> BeginAsync(StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct) =>
        Begin(path, tag, length, options, ct);

    public ValueTask<PartedUpload?> ResumeAsync(
        StorePath path, string tag, string? id, long? length, WriteOptions options, CancellationToken ct) =>
        Resume(path, tag, id, length, options, ct);

    public ValueTask<StoredPart> WritePartAsync(
        PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct) =>
        WritePart(upload, number, offset, source, expected, ct);

    public ValueTask<IReadOnlyList<StoredPart>?> ListPartsAsync(PartedUpload upload, CancellationToken ct) => ListParts(upload, ct);

    public ValueTask<StoreEntry> CompleteAsync(PartedUpload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct) =>
        Complete(upload, parts, ct);

    public ValueTask<bool> AbortAsync(PartedUpload upload, CancellationToken ct) => Abort(upload, ct);

    public ValueTask<Stream> OpenRangeAsync(PartedUpload upload, long offset, long length, CancellationToken ct) =>
        OpenUnpublished(upload, offset, length, ct);

    public ValueTask<StorePage> ListBelowAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
        ListBelow(directory, position, ct);

    public ValueTask<IReadOnlyList<ListPosition>> SplitAsync(StorePath directory, ListPosition position, int most, CancellationToken ct) =>
        Split(directory, position, most, ct);

    public ValueTask CreateAsync(StorePath path, CancellationToken ct) => CreateDirectory(path, ct);

    public ValueTask<StoreEntry> CreateAsync(StorePath path, ReadOnlyMemory<byte> target, WriteOptions options, CancellationToken ct) =>
        CreateLink(path, target, options, ct);

    public ValueTask<IReadOnlyList<StoreException>> DeleteAsync(IReadOnlyList<StorePath> paths, CancellationToken ct) => DeleteMany(paths, ct);

    public ValueTask DeleteAsync(StorePath path, string version, CancellationToken ct) => DeleteVersion(path, version, ct);

    public bool CanCopyFrom(StoreIdentity source) => inner.ServerCopy!.CanCopyFrom(source);

    public ValueTask<StoreEntry> CopyAsync(
        StoreIdentity source, StorePath from, string? version, StorePath to, WriteOptions options, CancellationToken ct) =>
        Copy(source, from, version, to, options, ct);

    public long WorthBytes => inner.ThirdPartyCopy!.WorthBytes;

    public string? Refuses(ThirdPartySource source) => inner.ThirdPartyCopy!.Refuses(source);

    public string? RefusesName(ThirdPartySource source, StorePath from) => NameRefused(from);

    public ValueTask<StoredPart> PullAsync(
        ThirdPartySource source, StorePath from, PartedUpload upload, IProgress<long>? progress, CancellationToken ct) =>
        Pull(source, from, upload, progress, ct);

    public ValueTask<Checksum?> GetAsync(StorePath path, ChecksumKind kind, CancellationToken ct) => GetChecksum(path, kind, ct);

    public ValueTask<Checksum?> GetAsync(PartedUpload upload, ChecksumKind kind, CancellationToken ct) => GetUnpublishedChecksum(upload, kind, ct);

    ValueTask<FileWithPairs?> IUserMetadata.GetAsync(StorePath path, CancellationToken ct) => GetPairs(path, ct);

    public bool CanLinkFrom(StoreIdentity source) => true;

    public ValueTask LinkAsync(StoreIdentity source, StorePath from, StorePath to, CancellationToken ct) => Name(from, to, ct);

    public ValueTask RenameAsync(StorePath from, StorePath to, bool createOnly, CancellationToken ct) => Move(from, to, createOnly, ct);

    public ValueTask<FreeSpace> GetAsync(StorePath directory, CancellationToken ct) => Space(directory, ct);

    public ValueTask SetAsync(StorePath path, Timestamp modified, CancellationToken ct) => SetTime(path, modified, ct);

    public ValueTask SyncUploadsAsync(IReadOnlyList<PartedUpload> uploads, CancellationToken ct) => SyncUploads(uploads, ct);

    public ValueTask SyncPublishedAsync(IReadOnlyList<StorePath> paths, CancellationToken ct) => SyncPublished(paths, ct);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
