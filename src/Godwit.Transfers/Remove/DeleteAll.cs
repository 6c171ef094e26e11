using System.Collections.Concurrent;
using Godwit.Storage;

namespace Godwit.Transfers.Remove;

/// <summary>Deletes some files of a store: many in a call where it can, else several at once.</summary>
internal static class DeleteAll
{
    /// <summary>Deletes each; one that cannot be deleted does not stop the others.</summary>
    /// <returns>The failures by path.</returns>
    public static async Task<IReadOnlyDictionary<StorePath, StoreException>> FromAsync(
        IStore store, IReadOnlyList<StorePath> files, CancellationToken ct)
    {
        var failures = new ConcurrentDictionary<StorePath, StoreException>();
        if (store.BulkDelete is { } bulk)
        {
            foreach (StorePath[] some in files.Chunk(bulk.MaxPaths))
            {
                await TogetherAsync(bulk, some, failures, ct).ConfigureAwait(false);
            }

            return failures;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = store.Limits.DefaultConcurrency, CancellationToken = ct };
        await Parallel.ForEachAsync(files, options, async (file, stop) =>
        {
            try
            {
                await store.DeleteAsync(file, stop).ConfigureAwait(false);
            }
            catch (StoreException e)
            {
                failures[file] = e;
            }
        }).ConfigureAwait(false);
        return failures;
    }

    private static async Task TogetherAsync(
        IBulkDelete bulk, StorePath[] files, ConcurrentDictionary<StorePath, StoreException> failures, CancellationToken ct)
    {
        try
        {
            foreach (StoreException failure in await bulk.DeleteAsync(files, ct).ConfigureAwait(false))
            {
                failures[failure.Path ?? files[0]] = failure;
            }
        }
        catch (StoreException e)
        {
            Array.ForEach(files, file => failures[file] = e);
        }
    }
}
