namespace Godwit.Storage;

/// <content>Writing by parts.</content>
public sealed partial class LayeredStore
{
    private sealed class LayeredPartedWrite(LayeredStore store, IPartedWrite inner) : IPartedWrite
    {
        private LayeredUnpublishedRead? _unpublishedRead;
        private LayeredUnpublishedChecksum? _unpublishedChecksum;
        private LayeredUploadListing? _uploadListing;

        public PartLimits Limits => inner.Limits;

        public IUnpublishedRead? UnpublishedRead =>
            _unpublishedRead ??= store.Shown(inner.UnpublishedRead, nameof(UnpublishedRead)) is { } can
                ? new(store, can)
                : null;

        public IUnpublishedChecksum? UnpublishedChecksum =>
            _unpublishedChecksum ??= store.Shown(inner.UnpublishedChecksum, nameof(UnpublishedChecksum)) is { } can ? new(store, can) : null;

        public IUploadListing? UploadListing =>
            _uploadListing ??= store.Shown(inner.UploadListing, nameof(UploadListing)) is { } can ? new(store, can) : null;

        public ValueTask<PartedUpload> BeginAsync(
            StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.BeginParts, path),
                token => inner.BeginAsync(path, tag, length, options, token),
                ct);

        public ValueTask<PartedUpload?> ResumeAsync(
            StorePath path, string tag, string? id, long? length, WriteOptions options, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.ResumeParts, path),
                token => inner.ResumeAsync(path, tag, id, length, options, token),
                ct);

        public ValueTask<StoredPart> WritePartAsync(
            PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct)
        {
            store.RequireEnforced(expected, upload.Path);
            var call = new StoreCall(StoreVerb.WritePart, upload.Path, source.Length);
            return store._layer.AroundAsync(
                call,
                token => inner.WritePartAsync(
                    upload, number, offset, store._layer.AroundSource(call, source), expected, token),
                ct);
        }

        public ValueTask<IReadOnlyList<StoredPart>?> ListPartsAsync(PartedUpload upload, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.ListParts, upload.Path), token => inner.ListPartsAsync(upload, token), ct);

        public ValueTask<StoreEntry> CompleteAsync(
            PartedUpload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.CompleteParts, upload.Path), token => inner.CompleteAsync(upload, parts, token), ct);

        public ValueTask<bool> AbortAsync(PartedUpload upload, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.AbortParts, upload.Path), token => inner.AbortAsync(upload, token), ct);
    }

    private sealed class LayeredDurability(LayeredStore store, IDurability inner) : IDurability
    {
        public ValueTask SyncUploadsAsync(IReadOnlyList<PartedUpload> uploads, CancellationToken ct) =>
            store.AroundAsync(
                new StoreCall(StoreVerb.SyncUploads, uploads.Count > 0 ? uploads[0].Path : StorePath.Root),
                token => inner.SyncUploadsAsync(uploads, token),
                ct);

        public ValueTask SyncPublishedAsync(IReadOnlyList<StorePath> paths, CancellationToken ct) =>
            store.AroundAsync(
                new StoreCall(StoreVerb.SyncPublished, paths.Count > 0 ? paths[0] : StorePath.Root),
                token => inner.SyncPublishedAsync(paths, token),
                ct);
    }
}
