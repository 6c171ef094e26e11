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

        await EachAsync(store, files, file => file, store.DeleteAsync, failures, ct).ConfigureAwait(false);
        return failures;
    }

    /// <summary>Deletes each as it was told: where the store can, a newer version that is there now stays.</summary>
    /// <returns>The failures by path.</returns>
    public static async Task<IReadOnlyDictionary<StorePath, StoreException>> VersionsFromAsync(
        IStore store, IReadOnlyList<StoreEntry> files, CancellationToken ct)
    {
        if (store.VersionedDelete is not { } versioned)
        {
            return await FromAsync(store, [.. files.Select(file => file.Path)], ct).ConfigureAwait(false);
        }

        var failures = new ConcurrentDictionary<StorePath, StoreException>();
        await EachAsync(
            store,
            files,
            file => file.Path,
            (file, stop) => file.Version is { } version ? versioned.DeleteAsync(file.Path, version, stop) : store.DeleteAsync(file.Path, stop),
            failures,
            ct).ConfigureAwait(false);
        return failures;
    }

    private static Task EachAsync<T>(
        IStore store,
        IReadOnlyList<T> files,
        Func<T, StorePath> pathOf,
        Func<T, CancellationToken, ValueTask> deleteAsync,
        ConcurrentDictionary<StorePath, StoreException> failures,
        CancellationToken ct)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = store.Limits.DefaultConcurrency, CancellationToken = ct };
        return Parallel.ForEachAsync(files, options, async (file, stop) =>
        {
            try
            {
                await deleteAsync(file, stop).ConfigureAwait(false);
            }
            catch (StoreException e)
            {
                failures[pathOf(file)] = e;
            }
        });
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
