using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about several callers at once.</summary>
internal static class Concurrency
{
    private const int Writers = 8;

    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("Of several writers of one name one whole content remains", OneRemainsAsync),
        new("Two writers that overlap leave the content of one of them", OverlappingAsync),
        new("Of several create-only writers exactly one wins", OneWinsAsync),
        new("Of several create-only completions exactly one wins", OneCompletionWinsAsync, "PartedWrite with create-only in one step", s => s.PartedWrite?.Limits.CreateOnlyIsAtomic == true),
        new("Of several create-only renames exactly one wins", OneRenameWinsAsync, nameof(IStore.Rename)),
        new("Many files written at once arrive each with its own content", ManyAtOnceAsync),
        new("Readers see the old content whole while it is being replaced", ReadersSeeOldAsync),
        new("A name that is renamed over is never missing", NeverMissingAsync, nameof(IStore.Rename)),
    ];

    private static byte[][] Contents { get; } = [.. Enumerable.Range(1, Writers).Select(seed => Sources.Bytes(50_000 + seed, seed))];

    private static async Task OneRemainsAsync(StoreUnderTest s)
    {
        await Task.WhenAll(Contents.Select(content => s.Store.WriteAsync(
            s.Path("file"), Sources.Stream(content), WriteOptions.Default, s.Ct).AsTask())).ConfigureAwait(false);
        byte[] remaining = await s.ReadAsync(s.Path("file")).ConfigureAwait(false);
        Require.That(Contents.Any(remaining.SequenceEqual), "what remains is the content of none of the writers");
        await s.OnlyLeftAsync(s.Path("file")).ConfigureAwait(false);
    }

    private static async Task OverlappingAsync(StoreUnderTest s)
    {
        // The second writer begins and ends while the first is in the middle.
        byte[] first = Sources.Bytes(80_000, seed: 1);
        byte[] second = Sources.Bytes(60_000, seed: 2);
        bool written = false;
        await s.Store.WriteAsync(s.Path("file"), Sources.Gated(first, WriteSecondAsync), WriteOptions.Default, s.Ct).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), first).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("file")).ConfigureAwait(false);

        async ValueTask WriteSecondAsync(long given, CancellationToken ct)
        {
            if (given >= first.Length / 2 && !written)
            {
                written = true;
                await s.WriteAsync("file", second).ConfigureAwait(false);
                await s.HoldsAsync(s.Path("file"), second).ConfigureAwait(false);
            }
        }
    }

    private static async Task OneWinsAsync(StoreUnderTest s)
    {
        int winner = await WinnerAsync(content => s.WriteAsync(
            "file", content, new WriteOptions { CreateOnly = true })).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), Contents[winner]).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("file")).ConfigureAwait(false);
    }

    private static async Task OneCompletionWinsAsync(StoreUnderTest s)
    {
        var options = new WriteOptions { CreateOnly = true };
        var ready = new List<(PartedUpload Upload, StoredPart Part)>();
        foreach (byte[] content in Contents)
        {
            PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length, options: options).ConfigureAwait(false);
            ready.Add((upload, await s.PartAsync(upload, 1, 0, content).ConfigureAwait(false)));
        }

        int winner = await WinnerAsync(content =>
        {
            (PartedUpload upload, StoredPart part) = ready[Array.IndexOf(Contents, content)];
            return Passing.RepeatAsync(async () => await s.Parts.CompleteAsync(upload, [part], s.Ct).ConfigureAwait(false));
        }).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), Contents[winner]).ConfigureAwait(false);
    }

    private static async Task OneRenameWinsAsync(StoreUnderTest s)
    {
        foreach (byte[] content in Contents)
        {
            await s.WriteAsync($"from{content.Length}", content).ConfigureAwait(false);
        }

        int winner = await WinnerAsync(content => Passing.RepeatAsync(async () => await s.Store.Rename!.RenameAsync(
            s.Path($"from{content.Length}"), s.Path("to"), true, s.Ct).ConfigureAwait(false))).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("to"), Contents[winner]).ConfigureAwait(false);
    }

    /// <summary>Starts one writer of each content at once; all but one must fail because something is there.</summary>
    private static async Task<int> WinnerAsync(Func<byte[], Task> writeAsync)
    {
        bool[] won = await Task.WhenAll(Contents.Select(async content =>
        {
            await Task.Yield();
            try
            {
                await writeAsync(content).ConfigureAwait(false);
                return true;
            }
            catch (StoreException failure) when (failure.Kind == StoreErrorKind.AlreadyExists)
            {
                return false;
            }
        })).ConfigureAwait(false);
        Require.Same(1, won.Count(one => one), "the number of winners");
        return Array.IndexOf(won, true);
    }

    private static async Task ManyAtOnceAsync(StoreUnderTest s)
    {
        await s.ForEachAsync(Enumerable.Range(1, 100), seed => s.WriteAsync($"file{seed}", Sources.Bytes(1_000 + seed, seed))).ConfigureAwait(false);
        await s.ForEachAsync(
            Enumerable.Range(1, 100), seed => s.HoldsAsync(s.Path($"file{seed}"), Sources.Bytes(1_000 + seed, seed))).ConfigureAwait(false);
    }

    private static async Task ReadersSeeOldAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(100_000, seed: 1);
        byte[] content = Sources.Bytes(90_000, seed: 2);
        await s.WriteAsync("file", old).ConfigureAwait(false);
        await s.Store.WriteAsync(
            s.Path("file"),
            Sources.Gated(content, async (_, _) => await s.HoldsAsync(s.Path("file"), old).ConfigureAwait(false)),
            WriteOptions.Default,
            s.Ct).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
    }

    private static async Task NeverMissingAsync(StoreUnderTest s)
    {
        await s.WriteAsync("name", Sources.Bytes(10)).ConfigureAwait(false);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(s.Ct);
        var looking = Task.Run(
            async () =>
            {
                while (!done.IsCancellationRequested)
                {
                    await s.PresentAsync(s.Path("name")).ConfigureAwait(false);
                }
            },
            s.Ct);
        for (int i = 0; i < 200 && !looking.IsCompleted; i++)
        {
            await s.WriteAsync("next", Sources.Bytes(10, seed: i)).ConfigureAwait(false);
            await s.RenameAsync(s.Path("next"), s.Path("name")).ConfigureAwait(false);
        }

        await done.CancelAsync().ConfigureAwait(false);
        await looking.ConfigureAwait(false);
    }
}
