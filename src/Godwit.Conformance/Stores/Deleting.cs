using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about deleting.</summary>
internal static class Deleting
{
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("A deleted file is gone and its neighbours stay", NeighboursStayAsync),
        new("Deleting what is absent is success", AbsentAsync),
        new("Deleting a directory that is not empty takes nothing away", NotEmptyAsync),
        new("An empty directory is deleted", EmptyDirectoryAsync, nameof(IStore.Directories)),
        new("Deleting a link leaves what it points to", LinkAsync, nameof(IStore.Links)),
        new("Deleting in bulk takes away all that is named, absent ones too, and nothing else", BulkAsync, nameof(IStore.BulkDelete)),
        new("Deleting in bulk tells each path that could not be deleted", BulkFailuresAsync, "BulkDelete and Directories", s => s.BulkDelete is not null && s.Directories is not null),
        new("Deleting a version takes that version away, and again is success", VersionAsync, nameof(IStore.VersionedDelete)),
        new("Deleting a version leaves a newer one that is there now", NewerVersionAsync, nameof(IStore.VersionedDelete)),
    ];

    private static async Task NeighboursStayAsync(StoreUnderTest s)
    {
        string[] names = ["file", "file2", "file.txt", "fil", "directory/file"];
        foreach (string name in names)
        {
            await s.WriteAsync(name, Sources.Bytes(10)).ConfigureAwait(false);
        }

        await s.Store.DeleteAsync(s.Path("file"), s.Ct).ConfigureAwait(false);
        await s.AbsentAsync(s.Path("file")).ConfigureAwait(false);
        await s.OnlyLeftAsync([.. names.Skip(1).Select(s.Path)]).ConfigureAwait(false);
    }

    private static async Task AbsentAsync(StoreUnderTest s)
    {
        await s.Store.DeleteAsync(s.Path("absent"), s.Ct).ConfigureAwait(false);
        await s.Store.DeleteAsync(s.Path("no/such/directory/file"), s.Ct).ConfigureAwait(false);
    }

    private static async Task NotEmptyAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("directory/file", content).ConfigureAwait(false);
        try
        {
            await s.Store.DeleteAsync(s.Path("directory"), s.Ct).ConfigureAwait(false);
            Require.That(s.Store.Directories is null, "deleting a directory that is not empty succeeded");
        }
        catch (StoreException failure)
        {
            Require.Same(StoreErrorKind.Unsupported, failure.Kind, "the failure");
        }

        await s.HoldsAsync(s.Path("directory/file"), content).ConfigureAwait(false);
    }

    private static async Task EmptyDirectoryAsync(StoreUnderTest s)
    {
        await s.Store.Directories!.CreateAsync(s.Path("directory"), s.Ct).ConfigureAwait(false);
        await s.Store.DeleteAsync(s.Path("directory"), s.Ct).ConfigureAwait(false);
        await s.AbsentAsync(s.Path("directory")).ConfigureAwait(false);
    }

    private static async Task LinkAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        await s.WriteAsync("directory/inside", content).ConfigureAwait(false);
        foreach (string target in new[] { "file", "directory" })
        {
            await FileSystem.LinkAsync(s, "link", target).ConfigureAwait(false);
            await s.Store.DeleteAsync(s.Path("link"), s.Ct).ConfigureAwait(false);
            await s.AbsentAsync(s.Path("link")).ConfigureAwait(false);
        }

        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("directory/inside"), content).ConfigureAwait(false);
    }

    private static async Task BulkAsync(StoreUnderTest s)
    {
        int count = Math.Min(50, s.Store.BulkDelete!.MaxPaths - 2);
        StorePath[] named = [.. Enumerable.Range(0, count).Select(i => s.Path($"go {i}&<"))];
        foreach (StorePath path in named.Append(s.Path("stay")))
        {
            await s.WriteAsync(path, Sources.Bytes(1)).ConfigureAwait(false);
        }

        IReadOnlyList<StoreException> failures = await s.Store.BulkDelete.DeleteAsync(
            [s.Path("absent"), .. named, s.Path("absent/too")], s.Ct).ConfigureAwait(false);
        Require.Same(0, failures.Count, "the number of failures");
        await s.OnlyLeftAsync(s.Path("stay")).ConfigureAwait(false);
    }

    private static async Task VersionAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10, seed: 1)).ConfigureAwait(false);
        await s.WriteAsync("stay", Sources.Bytes(10, seed: 2)).ConfigureAwait(false);
        StoreEntry file = await s.PresentAsync(s.Path("file")).ConfigureAwait(false);
        await s.Store.VersionedDelete!.DeleteAsync(file.Path, file.Version!, s.Ct).ConfigureAwait(false);
        await s.AbsentAsync(file.Path).ConfigureAwait(false);
        await s.Store.VersionedDelete.DeleteAsync(file.Path, file.Version!, s.Ct).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("stay")).ConfigureAwait(false);
    }

    private static async Task NewerVersionAsync(StoreUnderTest s)
    {
        byte[] newer = Sources.Bytes(10, seed: 2);
        await s.WriteAsync("file", Sources.Bytes(10, seed: 1)).ConfigureAwait(false);
        StoreEntry older = await s.PresentAsync(s.Path("file")).ConfigureAwait(false);
        await s.WriteAsync("file", newer).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.PreconditionFailed,
            async () => await s.Store.VersionedDelete!.DeleteAsync(older.Path, older.Version!, s.Ct).ConfigureAwait(false),
            "deleting a version that was replaced").ConfigureAwait(false);
        await s.HoldsAsync(older.Path, newer).ConfigureAwait(false);
        await s.OnlyLeftAsync(older.Path).ConfigureAwait(false);
    }

    private static async Task BulkFailuresAsync(StoreUnderTest s)
    {
        await s.WriteAsync("directory/file", Sources.Bytes(1)).ConfigureAwait(false);
        await s.WriteAsync("file", Sources.Bytes(1)).ConfigureAwait(false);
        IReadOnlyList<StoreException> failures = await s.Store.BulkDelete!.DeleteAsync(
            [s.Path("directory"), s.Path("file")], s.Ct).ConfigureAwait(false);
        Require.Same(1, failures.Count, "the number of failures");
        Require.Same<StorePath?>(s.Path("directory"), failures[0].Path, "the path of the failure");
        await s.OnlyLeftAsync(s.Path("directory/file")).ConfigureAwait(false);
    }
}
