using System.Globalization;
using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about listing one directory, and all that lies below one.</summary>
internal static class Listing
{
    private const int Many = 3_000;

    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("A listing tells each entry as looking at it does", TellsEntriesAsync),
        new("A listing shows only what lies directly in the directory", OnlyDirectAsync),
        new("Listing an absent directory fails as not found or is empty", AbsentAsync),
        new("Listing a file is refused", ListingFileAsync, nameof(IStore.Directories)),
        Large("Three thousand entries come over pages, each exactly once", s => EachOnceAsync(s, ListPageAsync)),
        Large("The same position of a listing gives the same page again", s => SamePageAsync(s, ListPageAsync)),
        Large("Entries that come and go between pages do not disturb the others", s => ComeAndGoAsync(s, ListPageAsync)),
        Large("When asking for one of its pages was cancelled, a listing is whole all the same", s => EachOnceAsync(s, ListPageAsync, true)),
        new("A flat listing shows everything below, once, in key order", FlatOrderAsync, nameof(IStore.FlatListing)),
        new("A flat listing stays inside its directory", FlatInsideAsync, nameof(IStore.FlatListing)),
        Large("A flat listing of three thousand entries comes over pages, each exactly once", s => EachOnceAsync(s, FlatPageAsync), Flat),
        Large("When asking for one of its pages was cancelled, a flat listing is whole all the same", s => EachOnceAsync(s, FlatPageAsync, true), Flat),
        Large("The same position of a flat listing gives the same page again", s => SamePageAsync(s, FlatPageAsync), Flat),
        Large("Entries that come and go between pages of a flat listing do not disturb the others", s => ComeAndGoAsync(s, FlatPageAsync), Flat),
    ];

    private const string Flat = nameof(IStore.FlatListing);

    private static StoreCheck Large(string says, Func<StoreUnderTest, Task> proveAsync, string? needs = null) => new(says, proveAsync, needs) { IsLarge = true };

    private delegate ValueTask<StorePage> PageAsync(StoreUnderTest s, StorePath directory, ListPosition? position, CancellationToken ct);

    private static ValueTask<StorePage> ListPageAsync(StoreUnderTest s, StorePath directory, ListPosition? position, CancellationToken ct) =>
        s.Store.ListAsync(directory, position, ct);

    private static ValueTask<StorePage> FlatPageAsync(StoreUnderTest s, StorePath directory, ListPosition? position, CancellationToken ct) =>
        s.Store.FlatListing!.ListBelowAsync(directory, position, ct);

    private static async Task TellsEntriesAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10)).ConfigureAwait(false);
        await s.WriteAsync("empty", []).ConfigureAwait(false);
        await s.WriteAsync("directory/inside", Sources.Bytes(20)).ConfigureAwait(false);
        List<StoreEntry> listed = await s.ListAsync(s.At).ConfigureAwait(false);
        Require.Same(3, listed.Count, "the number of listed entries");
        foreach (string name in new[] { "file", "empty" })
        {
            StoreEntry told = await s.PresentAsync(s.Path(name)).ConfigureAwait(false);
            StoreEntry entry = listed.Single(entry => entry.Path == told.Path);
            Require.Same(EntryKind.File, entry.Kind, $"the listed kind of \"{name}\"");
            Require.Same(told.Length, entry.Length, $"the listed length of \"{name}\"");
            Require.That(entry.Version is null || entry.Version == told.Version, $"the listed version of \"{name}\" is not the one looked up");
            Require.That(entry.Modified is null || entry.Modified == told.Modified, $"the listed time of \"{name}\" is not the one looked up");
        }

        StoreEntry directory = listed.Single(entry => entry.Path == s.Path("directory"));
        Require.Same(EntryKind.Directory, directory.Kind, "the listed kind of a directory");
    }

    private static async Task OnlyDirectAsync(StoreUnderTest s)
    {
        foreach (string name in new[] { "in/one", "in/deep/er/two", "in-side", "in2/three", "inn" })
        {
            await s.WriteAsync(name, Sources.Bytes(1)).ConfigureAwait(false);
        }

        RequireExactly(await s.ListAsync(s.Path("in")).ConfigureAwait(false), s.Path("in/one"), s.Path("in/deep"));
    }

    private static async Task AbsentAsync(StoreUnderTest s)
    {
        await s.WriteAsync("present", Sources.Bytes(1)).ConfigureAwait(false);
        List<StoreEntry> listed = await s.ListAsync(s.Path("pre")).ConfigureAwait(false);
        Require.Same(0, listed.Count, "the number of entries of an absent directory");
    }

    private static async Task ListingFileAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(1)).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.Unsupported,
            async () => await s.Store.ListAsync(s.Path("file"), null, s.Ct).ConfigureAwait(false),
            "listing a file").ConfigureAwait(false);
    }

    private static async Task<HashSet<StorePath>> ManyAsync(StoreUnderTest s)
    {
        StorePath[] paths = [.. Enumerable.Range(0, Many).Select(i => s.Path("many/" + i.ToString("D4", CultureInfo.InvariantCulture)))];
        await s.WriteAsync(paths[0], Sources.Bytes(1)).ConfigureAwait(false);
        await s.ForEachAsync(paths.Skip(1), path => OneOfManyAsync(s, paths[0], path)).ConfigureAwait(false);
        return [.. paths];
    }

    /// <summary>One more entry. Where it can, it is a second name: some file systems take long to make thousands of files.</summary>
    private static async Task OneOfManyAsync(StoreUnderTest s, StorePath first, StorePath path)
    {
        try
        {
            if (s.Store.HardLinks is not null)
            {
                await SecondNames.GiveAsync(s, first, path).ConfigureAwait(false);
                return;
            }
        }
        catch (StoreException failure) when (failure.Kind == StoreErrorKind.Unsupported)
        {
            // Not on this file system after all.
        }

        await s.WriteAsync(path, Sources.Bytes(1)).ConfigureAwait(false);
    }

    private static async Task EachOnceAsync(StoreUnderTest s, PageAsync pageAsync, bool cancelling = false)
    {
        HashSet<StorePath> expected = await ManyAsync(s).ConfigureAwait(false);
        var seen = new HashSet<StorePath>();
        ListPosition? position = null;
        do
        {
            if (cancelling)
            {
                await CancelledCall.EndsAsync(
                    async ct => await pageAsync(s, s.Path("many"), position, ct).ConfigureAwait(false)).ConfigureAwait(false);
            }

            StorePage page = await pageAsync(s, s.Path("many"), position, s.Ct).ConfigureAwait(false);
            foreach (StoreEntry entry in page.Entries)
            {
                Require.That(expected.Contains(entry.Path), $"\"{entry.Path}\" is listed and is not there");
                Require.That(seen.Add(entry.Path), $"\"{entry.Path}\" is listed twice");
            }

            position = page.Next;
        }
        while (position is not null);
        Require.Same(expected.Count, seen.Count, "the number of listed entries");
    }

    private static async Task SamePageAsync(StoreUnderTest s, PageAsync pageAsync)
    {
        await ManyAsync(s).ConfigureAwait(false);
        ListPosition? position = null;
        do
        {
            StorePage page = await pageAsync(s, s.Path("many"), position, s.Ct).ConfigureAwait(false);
            StorePage again = await pageAsync(s, s.Path("many"), position, s.Ct).ConfigureAwait(false);
            if (!ReferenceEquals(page.Next, again.Next))
            {
                page.Next?.Dispose();
            }

            Require.That(
                page.Entries.Select(entry => entry.Path).SequenceEqual(again.Entries.Select(entry => entry.Path)),
                "the same position gave another page");
            Require.Same(page.Next is null, again.Next is null, "whether the page is the last");
            position = again.Next;
        }
        while (position is not null);
    }

    private static async Task ComeAndGoAsync(StoreUnderTest s, PageAsync pageAsync)
    {
        HashSet<StorePath> staying = await ManyAsync(s).ConfigureAwait(false);
        var seen = new List<StorePath>();
        ListPosition? position = null;
        int pages = 0;
        do
        {
            StorePage page = await pageAsync(s, s.Path("many"), position, s.Ct).ConfigureAwait(false);
            seen.AddRange(page.Entries.Select(entry => entry.Path));
            position = page.Next;

            // Two that were listed go, one that was not yet listed goes, and two come, at either end of the key order: what was
            // listed grows by less than it loses, so that a position that is a number is out of step.
            StorePath[] going = [seen[^1], seen[^2], staying.Except(seen).LastOrDefault(seen[0])];
            foreach (StorePath path in going)
            {
                staying.Remove(path);
                await s.Store.DeleteAsync(path, s.Ct).ConfigureAwait(false);
            }

            pages++;
            await s.WriteAsync($"many/!{pages}", Sources.Bytes(1)).ConfigureAwait(false);
            await s.WriteAsync($"many/x{pages}", Sources.Bytes(1)).ConfigureAwait(false);
        }
        while (position is not null);
        ILookup<StorePath, StorePath> times = seen.ToLookup(path => path);
        foreach (StorePath path in staying)
        {
            Require.Same(1, times[path].Count(), $"how often \"{path}\" is listed, which was there all the time,");
        }
    }

    private static async Task FlatOrderAsync(StoreUnderTest s)
    {
        string[] names = ["a", "b/x", "b-x", "b.x", "b/a/z", "b/a-z", "b0", "c/d/e", "é", "~"];
        foreach (string name in names)
        {
            await s.WriteAsync(name, Sources.Bytes(name.Length)).ConfigureAwait(false);
        }

        List<StoreEntry> listed = await FlatAsync(s, s.At).ConfigureAwait(false);
        RequireExactly([.. listed.Where(entry => entry.Kind == EntryKind.File)], [.. names.Select(s.Path)]);
        for (int i = 1; i < listed.Count; i++)
        {
            Require.That(
                StoreEntry.CompareByKey(listed[i - 1], listed[i]) < 0, $"\"{listed[i].Path}\" comes after \"{listed[i - 1].Path}\"");
        }
    }

    private static async Task FlatInsideAsync(StoreUnderTest s)
    {
        foreach (string name in new[] { "in/one", "in/deep/two", "in-side", "in2/three", "inn", "i" })
        {
            await s.WriteAsync(name, Sources.Bytes(1)).ConfigureAwait(false);
        }

        List<StoreEntry> listed = await FlatAsync(s, s.Path("in")).ConfigureAwait(false);
        RequireExactly([.. listed.Where(entry => entry.Kind == EntryKind.File)], s.Path("in/one"), s.Path("in/deep/two"));
    }

    private static async Task<List<StoreEntry>> FlatAsync(StoreUnderTest s, StorePath directory)
    {
        var all = new List<StoreEntry>();
        ListPosition? position = null;
        do
        {
            StorePage page = await FlatPageAsync(s, directory, position, s.Ct).ConfigureAwait(false);
            all.AddRange(page.Entries);
            position = page.Next;
        }
        while (position is not null);
        return all;
    }

    private static void RequireExactly(IReadOnlyList<StoreEntry> listed, params StorePath[] expected)
    {
        foreach (StoreEntry entry in listed)
        {
            Require.That(expected.Contains(entry.Path), $"\"{entry.Path}\" is listed and does not belong there");
        }

        foreach (StorePath path in expected)
        {
            Require.Same(1, listed.Count(entry => entry.Path == path), $"how often \"{path}\" is listed");
        }
    }
}
