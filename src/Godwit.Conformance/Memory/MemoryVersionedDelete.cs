using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>Deletes a file only if it is still the version that is meant, as S3 does on a condition.</summary>
internal sealed class MemoryVersionedDelete(MemoryStore store) : IVersionedDelete
{
    public async ValueTask DeleteAsync(StorePath path, string version, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            if (store.Bucket.Find(store.Absolute(path)) is { } node)
            {
                MemoryStore.File(node, path, version);
                store.Delete(path);
            }
        }
    }
}
