using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>A thousand paths in one call, as S3.</summary>
internal sealed class MemoryBulkDelete(MemoryStore store) : IBulkDelete
{
    public int MaxPaths => 1_000;

    public async ValueTask<IReadOnlyList<StoreException>> DeleteAsync(IReadOnlyList<StorePath> paths, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        if (paths.Count > MaxPaths)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"{paths.Count} paths are more than {MaxPaths} in one call.");
        }

        var failures = new List<StoreException>();
        foreach (StorePath path in paths)
        {
            try
            {
                store.Delete(path);
            }
            catch (StoreException failure)
            {
                failures.Add(failure);
            }
        }

        return failures;
    }
}
