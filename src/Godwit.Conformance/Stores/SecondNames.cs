using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about files with two names.</summary>
internal static class SecondNames
{
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("A second name is the same content, and the first one stays", SecondNameAsync, nameof(IStore.HardLinks)),
        new("A second name never replaces what has it", SecondNameTakenAsync, nameof(IStore.HardLinks)),
        new("What is absent gets no second name", SecondNameOfAbsentAsync, nameof(IStore.HardLinks)),
        new("Writing over one of two names leaves the other", WriteOverSecondNameAsync, nameof(IStore.HardLinks)),
    ];

    private static async Task SecondNameAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("one", content).ConfigureAwait(false);
        await SecondNameAsync(s, "in/new/two").ConfigureAwait(false);
        await s.HoldsAsync(s.Path("one"), content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("in/new/two"), content).ConfigureAwait(false);
        await s.Store.DeleteAsync(s.Path("one"), s.Ct).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("in/new/two"), content).ConfigureAwait(false);
    }

    private static async Task SecondNameTakenAsync(StoreUnderTest s)
    {
        byte[] one = Sources.Bytes(10, seed: 1);
        byte[] two = Sources.Bytes(20, seed: 2);
        await s.WriteAsync("one", one).ConfigureAwait(false);
        await s.WriteAsync("two", two).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.AlreadyExists, () => Passing.RepeatAsync(() => LinkAsync(s, "two")), "giving a file the name of another").ConfigureAwait(false);
        await s.HoldsAsync(s.Path("one"), one).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("two"), two).ConfigureAwait(false);
    }

    private static async Task SecondNameOfAbsentAsync(StoreUnderTest s) => await Require.FailsAsync(
        StoreErrorKind.NotFound, () => Passing.RepeatAsync(() => LinkAsync(s, "two")), "giving what is absent a second name").ConfigureAwait(false);

    private static async Task WriteOverSecondNameAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(10, seed: 1);
        byte[] fresh = Sources.Bytes(20, seed: 2);
        await s.WriteAsync("one", old).ConfigureAwait(false);
        await SecondNameAsync(s, "two").ConfigureAwait(false);
        await s.WriteAsync("one", fresh).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("one"), fresh).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("two"), old).ConfigureAwait(false);
    }

    /// <summary>Gives a file a second name that is free, and when the answer is lost, asks first.</summary>
    public static async Task GiveAsync(StoreUnderTest s, StorePath from, StorePath to) => await Passing.OnceAsync(
        async () =>
        {
            await s.Store.HardLinks!.LinkAsync(s.Store.Identity, from, to, s.Ct).ConfigureAwait(false);
            return new StoreEntry { Path = to, Kind = EntryKind.File };
        },
        () => s.StatAsync(to)).ConfigureAwait(false);

    private static Task SecondNameAsync(StoreUnderTest s, string name) => GiveAsync(s, s.Path("one"), s.Path(name));

    private static async Task LinkAsync(StoreUnderTest s, string name) =>
        await s.Store.HardLinks!.LinkAsync(s.Store.Identity, s.Path("one"), s.Path(name), s.Ct).ConfigureAwait(false);
}
