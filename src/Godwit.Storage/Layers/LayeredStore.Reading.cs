namespace Godwit.Storage;

/// <content>Capabilities that read and look.</content>
public sealed partial class LayeredStore
{
    private sealed class LayeredRangedRead(LayeredStore store, IRangedRead inner) : IRangedRead
    {
        public ValueTask<Stream> OpenRangeAsync(
            StorePath path, string? version, long offset, long length, CancellationToken ct) =>
            store.OpenAsync(
                new StoreCall(StoreVerb.OpenRange, path),
                token => inner.OpenRangeAsync(path, version, offset, length, token),
                ct);
    }

    private sealed class LayeredUnpublishedRead(LayeredStore store, IUnpublishedRead inner) : IUnpublishedRead
    {
        public ValueTask<Stream> OpenRangeAsync(PartedUpload upload, long offset, long length, CancellationToken ct) =>
            store.OpenAsync(
                new StoreCall(StoreVerb.OpenUnpublished, upload.Path),
                token => inner.OpenRangeAsync(upload, offset, length, token),
                ct);
    }

    private sealed class LayeredUnpublishedChecksum(LayeredStore store, IUnpublishedChecksum inner) : IUnpublishedChecksum
    {
        public long WorthBytes => inner.WorthBytes;

        public IReadOnlyList<ChecksumKind> Kinds => inner.Kinds;

        public ValueTask<Checksum?> GetAsync(PartedUpload upload, ChecksumKind kind, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.GetUnpublishedChecksum, upload.Path), token => inner.GetAsync(upload, kind, token), ct);
    }

    private sealed class LayeredUploadListing(LayeredStore store, IUploadListing inner) : IUploadListing
    {
        public ValueTask<UploadPage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.ListUploads, directory), token => inner.ListAsync(directory, position, token), ct);
    }

    private sealed class LayeredFlatListing(LayeredStore store, IFlatListing inner) : IFlatListing
    {
        public ValueTask<StorePage> ListBelowAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.ListBelow, directory), token => inner.ListBelowAsync(directory, position, token), ct);

        public ValueTask<IReadOnlyList<ListPosition>> SplitAsync(StorePath directory, ListPosition position, int most, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.ListBelow, directory), token => inner.SplitAsync(directory, position, most, token), ct);
    }

    private sealed class LayeredStoredChecksum(LayeredStore store, IStoredChecksum inner) : IStoredChecksum
    {
        public IReadOnlyList<ChecksumKind> Kinds => inner.Kinds;

        public bool IsToldWithEntries => inner.IsToldWithEntries;

        public ValueTask<Checksum?> GetAsync(StorePath path, ChecksumKind kind, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.GetChecksum, path), token => inner.GetAsync(path, kind, token), ct);
    }

    private sealed class LayeredUserMetadata(LayeredStore store, IUserMetadata inner) : IUserMetadata
    {
        public ValueTask<FileWithPairs?> GetAsync(StorePath path, CancellationToken ct) =>
            store._layer.AroundAsync(new StoreCall(StoreVerb.GetPairs, path), token => inner.GetAsync(path, token), ct);
    }

    private sealed class LayeredFreeSpace(LayeredStore store, IFreeSpace inner) : IFreeSpace
    {
        public ValueTask<FreeSpace> GetAsync(StorePath directory, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.GetFreeSpace, directory), token => inner.GetAsync(directory, token), ct);
    }
}
