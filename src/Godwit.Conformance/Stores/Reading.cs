using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about looking at files and reading them.</summary>
internal static class Reading
{
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("A file reads back as it was written", ReadsBackAsync),
        new("An empty file is a file of no bytes", EmptyAsync),
        new("A file of some megabytes reads back whole", LargeAsync),
        new("Opening a file tells the entry that its bytes belong to", OpeningTellsEntryAsync),
        new("What is no link points nowhere", NoTargetAsync),
        new("Nothing at a path is told as nothing, not as a failure", AbsentIsNullAsync),
        new("Reading what is absent fails as not found", ReadingAbsentAsync),
        new("A directory is not opened as a file", ReadingDirectoryAsync),
        new("A body that is open while its file is replaced never mixes the two", NeverMixedAsync),
        new("New content of a path has another version", NewContentAsync, "versions", HasVersions),
        new("Content of the same length and time has another version", SameLengthAndTimeAsync, "exact versions", HasExactVersions),
        new("A range gives exactly its bytes", RangeAsync, nameof(IStore.RangedRead)),
        new("A range over the end gives the bytes that there are", OverTheEndAsync, nameof(IStore.RangedRead)),
        new("A range at or past the end is empty", PastTheEndAsync, nameof(IStore.RangedRead)),
        new("A range of what is absent fails as not found", RangeOfAbsentAsync, nameof(IStore.RangedRead)),
        new("A file replaced between two ranges is noticed", ReplacedBetweenRangesAsync, "RangedRead and exact versions", HasExactVersions),
        new("A range's body stays open when the call's token is cancelled afterwards", BodyOutlivesTokenAsync, nameof(IStore.RangedRead)),
    ];

    private static bool HasVersions(IStore store) => store.RangedRead is not null;

    private static bool HasExactVersions(IStore store) => HasVersions(store) && store.Limits.VersionsAreExact;

    private static async Task ReadsBackAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(1_000);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
    }

    private static async Task EmptyAsync(StoreUnderTest s)
    {
        await s.WriteAsync("empty", []).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("empty"), []).ConfigureAwait(false);
    }

    private static async Task LargeAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes((5 * 1024 * 1024) + 1);
        await s.WriteAsync("large", content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("large"), content).ConfigureAwait(false);
    }

    private static async Task OpeningTellsEntryAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10)).ConfigureAwait(false);
        StoreEntry stat = await s.PresentAsync(s.Path("file")).ConfigureAwait(false);
        StoreBody body = await s.Store.OpenReadAsync(s.Path("file"), s.Ct).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            Require.Same(stat.Path, body.Entry.Path, "the opened entry's path");
            Require.Same(EntryKind.File, body.Entry.Kind, "the opened entry's kind");
            Require.Same(stat.Length, body.Entry.Length, "the opened entry's length");
            Require.Same(stat.Version, body.Entry.Version, "the opened entry's version");
            Require.Same(stat.Modified, body.Entry.Modified, "the opened entry's time");
        }
    }

    private static async Task NoTargetAsync(StoreUnderTest s)
    {
        await s.WriteAsync("directory/file", Sources.Bytes(10)).ConfigureAwait(false);
        foreach (string name in new[] { "directory/file", "directory" })
        {
            StoreEntry? entry = await s.Store.StatAsync(s.Path(name), s.Ct).ConfigureAwait(false);
            Require.That(entry?.LinkTarget is null, $"\"{name}\" is no link and has a target");
        }
    }

    private static async Task AbsentIsNullAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file.txt", Sources.Bytes(10)).ConfigureAwait(false);
        foreach (string absent in new[] { "file", "file.txt2", "no/such/file" })
        {
            await s.AbsentAsync(s.Path(absent)).ConfigureAwait(false);
        }
    }

    private static async Task ReadingAbsentAsync(StoreUnderTest s) => await Require.FailsAsync(
        StoreErrorKind.NotFound, () => s.ReadAsync(s.Path("absent")), "reading what is absent").ConfigureAwait(false);

    private static async Task ReadingDirectoryAsync(StoreUnderTest s)
    {
        await s.WriteAsync("directory/file", Sources.Bytes(10)).ConfigureAwait(false);
        StoreErrorKind[] kinds = s.Store.Directories is null
            ? [StoreErrorKind.NotFound, StoreErrorKind.Unsupported]
            : [StoreErrorKind.Unsupported];
        await Require.FailsAsync(kinds, () => s.ReadAsync(s.Path("directory")), "opening a directory").ConfigureAwait(false);
    }

    private static async Task NeverMixedAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(1024 * 1024, seed: 1);
        await s.WriteAsync("file", old).ConfigureAwait(false);
        StoreBody body = await s.Store.OpenReadAsync(s.Path("file"), s.Ct).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var first = new byte[100];
            await body.Content.ReadExactlyAsync(first, s.Ct).ConfigureAwait(false);
            await s.WriteAsync("file", Sources.Bytes(old.Length, seed: 2)).ConfigureAwait(false);
            try
            {
                byte[] rest = await s.DrainAsync(body.Content).ConfigureAwait(false);
                Require.SameBytes(old, first.Concat(rest).ToArray(), "the body that was open");
            }
            catch (StoreException)
            {
                // An error is as good as the old bytes: either is noticed.
            }
        }
    }

    private static async Task NewContentAsync(StoreUnderTest s)
    {
        var versions = new HashSet<string?>();
        for (int seed = 1; seed <= 3; seed++)
        {
            await s.WriteAsync("file", Sources.Bytes(100 + seed, seed)).ConfigureAwait(false);
            string? version = (await s.PresentAsync(s.Path("file")).ConfigureAwait(false)).Version;
            Require.That(version is not null, "a file has no version");
            Require.That(versions.Add(version), $"content {seed} has the version of one before it");
        }
    }

    private static async Task SameLengthAndTimeAsync(StoreUnderTest s)
    {
        (StoreEntry first, StoreEntry second) = await ReplaceAlikeAsync(s).ConfigureAwait(false);
        Require.That(first.Version is not null, "a file has no version");
        Require.That(first.Version != second.Version, "another content of the same length and time has the same version");
    }

    private static async Task ReplacedBetweenRangesAsync(StoreUnderTest s)
    {
        (StoreEntry first, StoreEntry second) = await ReplaceAlikeAsync(s, beforeReplacing: async entry =>
            Require.SameBytes(
                Sources.Bytes(100, seed: 1).AsMemory(0, 50),
                await s.ReadRangeAsync(entry.Path, entry.Version, 0, 50).ConfigureAwait(false),
                "the first range")).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.PreconditionFailed,
            () => s.ReadRangeAsync(first.Path, first.Version, 50, 50),
            "a range of the replaced version").ConfigureAwait(false);
        byte[] now = await s.ReadRangeAsync(first.Path, second.Version, 50, 50).ConfigureAwait(false);
        Require.SameBytes(Sources.Bytes(100, seed: 2).AsMemory(50), now, "the range of the new version");
    }

    /// <summary>Replaces a file by one of the same length, and of the same time where the store keeps times.</summary>
    private static async Task<(StoreEntry First, StoreEntry Second)> ReplaceAlikeAsync(
        StoreUnderTest s, Func<StoreEntry, Task>? beforeReplacing = null)
    {
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_600_000_000_000_000_000) } };
        StorePath path = s.Path("file");
        await s.WriteAsync(path, Sources.Bytes(100, seed: 1), options).ConfigureAwait(false);
        StoreEntry first = await s.PresentAsync(path).ConfigureAwait(false);
        if (beforeReplacing is not null)
        {
            await beforeReplacing(first).ConfigureAwait(false);
        }

        await s.WriteAsync(path, Sources.Bytes(100, seed: 2), options).ConfigureAwait(false);
        return (first, await s.PresentAsync(path).ConfigureAwait(false));
    }

    private static async Task RangeAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(1_000);
        StoreEntry entry = await s.WriteAsync("file", content).ConfigureAwait(false);
        foreach ((int offset, int length) in new[] { (0, 1), (0, 1_000), (1, 998), (500, 1), (999, 1), (3, 0) })
        {
            byte[] range = await s.ReadRangeAsync(entry.Path, entry.Version, offset, length).ConfigureAwait(false);
            Require.SameBytes(content.AsMemory(offset, length), range, $"the range of {length} at {offset}");
        }

        byte[] whatever = await s.ReadRangeAsync(entry.Path, null, 10, 20).ConfigureAwait(false);
        Require.SameBytes(content.AsMemory(10, 20), whatever, "the range of whatever version is there");
    }

    private static async Task OverTheEndAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(100);
        StoreEntry entry = await s.WriteAsync("file", content).ConfigureAwait(false);
        byte[] range = await s.ReadRangeAsync(entry.Path, entry.Version, 90, 1_000).ConfigureAwait(false);
        Require.SameBytes(content.AsMemory(90), range, "the range over the end");
    }

    private static async Task PastTheEndAsync(StoreUnderTest s)
    {
        StoreEntry full = await s.WriteAsync("file", Sources.Bytes(100)).ConfigureAwait(false);
        StoreEntry empty = await s.WriteAsync("empty", []).ConfigureAwait(false);
        foreach ((StoreEntry entry, long offset) in new[] { (full, 100L), (full, 5_000L), (empty, 0L), (empty, 1L) })
        {
            byte[] range = await s.ReadRangeAsync(entry.Path, entry.Version, offset, 10).ConfigureAwait(false);
            Require.Same(0, range.Length, $"the length of a range at {offset} of {entry.Length} bytes");
        }
    }

    private static async Task RangeOfAbsentAsync(StoreUnderTest s) => await Require.FailsAsync(
        StoreErrorKind.NotFound, () => s.ReadRangeAsync(s.Path("absent"), null, 0, 10), "a range of what is absent").ConfigureAwait(false);

    private static async Task BodyOutlivesTokenAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(1024 * 1024);
        StoreEntry entry = await s.WriteAsync("file", content).ConfigureAwait(false);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(s.Ct);
        Stream body = await s.Store.RangedRead!.OpenRangeAsync(
            entry.Path, entry.Version, 0, content.Length, source.Token).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await source.CancelAsync().ConfigureAwait(false);
            Require.SameBytes(content, await s.DrainAsync(body).ConfigureAwait(false), "the body");
        }
    }
}
