using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about the free pairs that a file carries.</summary>
internal static class Pairs
{
    private static readonly Dictionary<string, string> s_some = new() { ["size"] = "1234", ["md5"] = "0cc175b9c0f1b6a831c399e269772661", ["a-name"] = "a b=c" };
    private static readonly Dictionary<string, string> s_others = new() { ["size"] = "5" };

    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("A file carries the pairs it was given, and these alone where that was asked for", AloneAsync, nameof(IStore.UserMetadata)),
        new("A file written by parts carries the pairs it was given, and these alone where that was asked for", PartsAloneAsync, "UserMetadata and PartedWrite",
            s => s is { UserMetadata: not null, PartedWrite: not null }),
        new("A file carries the pairs it was given beside its time", BesideTimeAsync, nameof(IStore.UserMetadata)),
        new("A file that replaces another carries none of its pairs", ReplacingAsync, nameof(IStore.UserMetadata)),
        new("The pairs come with the file that they belong to", WithFileAsync, nameof(IStore.UserMetadata)),
        new("A write that names the version it replaces leaves any other, and makes nothing where nothing is", ReplacesAsync, nameof(IStore.UserMetadata)),
        new("Where no file is, no pairs are", AbsentAsync, nameof(IStore.UserMetadata)),
    ];

    private static WriteOptions With(Dictionary<string, string> pairs, bool alone = true, Timestamp? modified = null) =>
        new() { Metadata = new WriteMetadata { Pairs = pairs, PairsAlone = alone, Modified = modified } };

    private static async Task AloneAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10), With(s_some)).ConfigureAwait(false);
        RequireExactly(s_some, await PairsAsync(s, "file").ConfigureAwait(false));
        await s.HoldsAsync(s.Path("file"), Sources.Bytes(10)).ConfigureAwait(false);
    }

    private static async Task PartsAloneAsync(StoreUnderTest s)
    {
        await s.WriteByPartsAsync(s.Path("file"), Sources.Bytes(s.PartBytes + 1), s.PartBytes, With(s_some)).ConfigureAwait(false);
        RequireExactly(s_some, await PairsAsync(s, "file").ConfigureAwait(false));
    }

    private static async Task BesideTimeAsync(StoreUnderTest s)
    {
        var time = new Timestamp(1_600_000_000_000_000_000);
        StoreEntry entry = await s.WriteAsync("file", Sources.Bytes(10), With(s_some, alone: false, time)).ConfigureAwait(false);
        IReadOnlyDictionary<string, string> pairs = await PairsAsync(s, "file").ConfigureAwait(false);
        Require.That(s_some.All(pair => pairs.TryGetValue(pair.Key, out string? value) && value == pair.Value), $"the file carries {Shown(pairs)}");
        if (s.Store.Limits.TimePrecision > 0)
        {
            Require.Same(s.Store.Limits.Kept(time), (await s.PresentAsync(entry.Path).ConfigureAwait(false)).Modified, "the time");
        }
    }

    private static async Task ReplacingAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10), With(s_some)).ConfigureAwait(false);
        await s.WriteAsync("file", [], With(s_others)).ConfigureAwait(false);
        RequireExactly(s_others, await PairsAsync(s, "file").ConfigureAwait(false));
    }

    private static async Task WithFileAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10), With(s_some)).ConfigureAwait(false);
        StoreEntry there = await s.PresentAsync(s.Path("file")).ConfigureAwait(false);
        FileWithPairs file = await FileAsync(s, "file").ConfigureAwait(false);
        Require.Same(there.Length, file.Entry.Length, "the length");
        Require.Same(there.Version, file.Entry.Version, "the version");
    }

    private static async Task ReplacesAsync(StoreUnderTest s)
    {
        StoreEntry first = await s.WriteAsync("file", Sources.Bytes(10)).ConfigureAwait(false);
        var options = new WriteOptions { Replaces = first.Version };
        byte[] second = Sources.Bytes(20);
        try
        {
            await Passing.OnceAsync(
                async () => await s.WriteAsync("file", second, options).ConfigureAwait(false),
                async () => await s.PresentAsync(first.Path).ConfigureAwait(false) is { Length: 20 } there ? there : null).ConfigureAwait(false);
        }
        catch (StoreException e) when (e is { Kind: StoreErrorKind.PreconditionFailed, RetriesSpent: > 0 })
        {
            // A layer repeated what had worked, and whose answer was lost.
        }

        await RefusedAsync(s, "file", options).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), second).ConfigureAwait(false);
        await RefusedAsync(s, "absent", options).ConfigureAwait(false);
        await s.AbsentAsync(s.Path("absent")).ConfigureAwait(false);
    }

    private static Task RefusedAsync(StoreUnderTest s, string name, WriteOptions options) => Require.FailsAsync(
        StoreErrorKind.PreconditionFailed, async () => await s.WriteAsync(name, Sources.Bytes(30), options).ConfigureAwait(false), "replacing another version");

    private static async Task AbsentAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10), With(s_some)).ConfigureAwait(false);
        Require.That(await s.Store.UserMetadata!.GetAsync(s.Path("absent"), s.Ct).ConfigureAwait(false) is null, "what is absent has pairs");
    }

    private static async Task<FileWithPairs> FileAsync(StoreUnderTest s, string name) =>
        await s.Store.UserMetadata!.GetAsync(s.Path(name), s.Ct).ConfigureAwait(false)
        ?? throw new StoreCheckFailedException($"\"{name}\" is told as absent");

    private static async Task<IReadOnlyDictionary<string, string>> PairsAsync(StoreUnderTest s, string name) =>
        (await FileAsync(s, name).ConfigureAwait(false)).Pairs;

    private static void RequireExactly(Dictionary<string, string> expected, IReadOnlyDictionary<string, string> found) => Require.That(
        found.Count == expected.Count && expected.All(pair => found.TryGetValue(pair.Key, out string? value) && value == pair.Value),
        $"the file carries {Shown(found)}");

    private static string Shown(IReadOnlyDictionary<string, string> pairs) => $"{{{string.Join(", ", pairs.Select(pair => $"{pair.Key}={pair.Value}"))}}}";
}
