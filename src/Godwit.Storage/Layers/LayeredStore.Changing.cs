namespace Godwit.Storage;

/// <content>Capabilities that change what is there, without bytes passing through here.</content>
public sealed partial class LayeredStore
{
    private sealed class LayeredDirectories(LayeredStore store, IDirectories inner) : IDirectories
    {
        public ValueTask CreateAsync(StorePath path, CancellationToken ct) =>
            store.AroundAsync(
                new StoreCall(StoreVerb.CreateDirectory, path), token => inner.CreateAsync(path, token), ct);
    }

    private sealed class LayeredLinks(LayeredStore store, ILinks inner) : ILinks
    {
        public ValueTask<StoreEntry> CreateAsync(
            StorePath path, ReadOnlyMemory<byte> target, WriteOptions options, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.CreateLink, path), token => inner.CreateAsync(path, target, options, token), ct);
    }

    private sealed class LayeredBulkDelete(LayeredStore store, IBulkDelete inner) : IBulkDelete
    {
        public int MaxPaths => inner.MaxPaths;

        public ValueTask<IReadOnlyList<StoreException>> DeleteAsync(IReadOnlyList<StorePath> paths, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.BulkDelete, paths.Count > 0 ? paths[0] : StorePath.Root),
                token => inner.DeleteAsync(paths, token),
                ct);
    }

    private sealed class LayeredVersionedDelete(LayeredStore store, IVersionedDelete inner) : IVersionedDelete
    {
        public ValueTask DeleteAsync(StorePath path, string version, CancellationToken ct) =>
            store.AroundAsync(new StoreCall(StoreVerb.DeleteVersion, path), token => inner.DeleteAsync(path, version, token), ct);
    }

    private sealed class LayeredServerCopy(LayeredStore store, IServerCopy inner) : IServerCopy
    {
        public bool CanCopyFrom(StoreIdentity source) => inner.CanCopyFrom(source);

        public ValueTask<StoreEntry> CopyAsync(
            StoreIdentity source, StorePath from, string? version, StorePath to, WriteOptions options, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.ServerCopy, to),
                token => inner.CopyAsync(source, from, version, to, options, token),
                ct);
    }

    private sealed class LayeredThirdPartyCopy(LayeredStore store, IThirdPartyCopy inner) : IThirdPartyCopy
    {
        public long WorthBytes => inner.WorthBytes;

        public string? Refuses(ThirdPartySource source) => inner.Refuses(source);

        public string? RefusesName(ThirdPartySource source, StorePath from) => inner.RefusesName(source, from);

        public ValueTask<StoredPart> PullAsync(
            ThirdPartySource source, StorePath from, PartedUpload upload, IProgress<long>? progress, CancellationToken ct) =>
            store._layer.AroundAsync(
                new StoreCall(StoreVerb.Pull, upload.Path), token => inner.PullAsync(source, from, upload, progress, token), ct);
    }

    private sealed class LayeredRename(LayeredStore store, IRename inner) : IRename
    {
        public ValueTask RenameAsync(StorePath from, StorePath to, bool createOnly, CancellationToken ct) =>
            store.AroundAsync(
                new StoreCall(StoreVerb.Rename, from), token => inner.RenameAsync(from, to, createOnly, token), ct);
    }

    private sealed class LayeredHardLinks(LayeredStore store, IHardLinks inner) : IHardLinks
    {
        public bool CanLinkFrom(StoreIdentity source) => inner.CanLinkFrom(source);

        public ValueTask LinkAsync(StoreIdentity source, StorePath from, StorePath to, CancellationToken ct) =>
            store.AroundAsync(new StoreCall(StoreVerb.HardLink, to), token => inner.LinkAsync(source, from, to, token), ct);
    }

    private sealed class LayeredSettableTime(LayeredStore store, ISettableTime inner) : ISettableTime
    {
        public ValueTask SetAsync(StorePath path, Timestamp modified, CancellationToken ct) =>
            store.AroundAsync(new StoreCall(StoreVerb.SetTime, path), token => inner.SetAsync(path, modified, token), ct);
    }
}
