using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about copies whose bytes do not pass through here; the store copies from itself.</summary>
internal static class Copying
{
    public const string Itself = "ServerCopy within itself";
    public const string FetchesItself = "ThirdPartyCopy from itself";

    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("A server copy has the bytes of its source, which stays", CopyAsync, Itself, CopiesItself),
        new("A server copy of a replaced version is refused", CopyPinsVersionAsync, Itself + " and exact versions", s => CopiesItself(s) && s.Limits.VersionsAreExact),
        new("A create-only server copy over a file is refused, the old content stays", CopyCreateOnlyAsync, Itself, CopiesItself),
        new("A server copy of what is absent fails as not found", CopyOfAbsentAsync, Itself, CopiesItself),
        new("A server copy keeps the time it was given", CopyKeepsTimeAsync, Itself + " and times of files", s => CopiesItself(s) && s.Limits.TimePrecision > 0),
        new("A fetched file has the bytes of its source, which stays", PullAsync, FetchesItself, PullsItself),
        new("A create-only fetch over a file is refused, the old content stays", PullCreateOnlyAsync, FetchesItself, PullsItself),
        new("Fetching what is absent fails as not found and leaves nothing", PullOfAbsentAsync, FetchesItself, PullsItself),
    ];

    public static bool CopiesItself(IStore store) => store.ServerCopy?.CanCopyFrom(store.Identity) == true;

    public static bool PullsItself(IStore store) => store.ThirdPartyCopy?.CanPullFrom(store.Identity) == true;

    private static async Task CopyAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(1_000);
        StoreEntry source = await s.WriteAsync("from", content).ConfigureAwait(false);
        await s.WriteAsync("new/to", Sources.Bytes(2_000, seed: 2)).ConfigureAwait(false);
        StoreEntry copied = await s.CopyAsync(source.Path, source.Version, s.Path("new/to")).ConfigureAwait(false);
        Require.Same(content.Length, copied.Length, "the returned length");
        await s.HoldsAsync(s.Path("new/to"), content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("from"), content).ConfigureAwait(false);
    }

    private static async Task CopyPinsVersionAsync(StoreUnderTest s)
    {
        StoreEntry old = await s.WriteAsync("from", Sources.Bytes(100, seed: 1)).ConfigureAwait(false);
        await s.WriteAsync("from", Sources.Bytes(100, seed: 2)).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.PreconditionFailed,
            async () => await s.Store.ServerCopy!.CopyAsync(
                s.Store.Identity, old.Path, old.Version, s.Path("to"), WriteOptions.Default, s.Ct).ConfigureAwait(false),
            "a copy of a replaced version").ConfigureAwait(false);
        await s.AbsentAsync(s.Path("to")).ConfigureAwait(false);
    }

    private static async Task CopyCreateOnlyAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(10, seed: 1);
        await s.WriteAsync("from", Sources.Bytes(10, seed: 2)).ConfigureAwait(false);
        await s.WriteAsync("to", old).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.AlreadyExists,
            async () => await s.Store.ServerCopy!.CopyAsync(
                s.Store.Identity, s.Path("from"), null, s.Path("to"), new WriteOptions { CreateOnly = true }, s.Ct).ConfigureAwait(false),
            "a create-only copy over a file").ConfigureAwait(false);
        await s.HoldsAsync(s.Path("to"), old).ConfigureAwait(false);
    }

    private static async Task CopyOfAbsentAsync(StoreUnderTest s)
    {
        await Require.FailsAsync(
            StoreErrorKind.NotFound,
            async () => await s.Store.ServerCopy!.CopyAsync(
                s.Store.Identity, s.Path("absent"), null, s.Path("to"), WriteOptions.Default, s.Ct).ConfigureAwait(false),
            "a copy of what is absent").ConfigureAwait(false);
        await s.OnlyLeftAsync().ConfigureAwait(false);
    }

    private static async Task CopyKeepsTimeAsync(StoreUnderTest s)
    {
        var given = new Timestamp(1_234_567_890_123_456_789);
        await s.WriteAsync("from", Sources.Bytes(10)).ConfigureAwait(false);
        await s.CopyAsync(
            s.Path("from"), null, s.Path("to"), new WriteOptions { Metadata = new WriteMetadata { Modified = given } }).ConfigureAwait(false);
        StoreEntry copied = await s.PresentAsync(s.Path("to")).ConfigureAwait(false);
        Require.Same(s.Store.Limits.Kept(given), copied.Modified, "the time of the copy");
    }

    private static async Task PullAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(1_000);
        await s.WriteAsync("from", content).ConfigureAwait(false);
        await s.PullAsync(s.Path("from"), s.Path("new/to")).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("new/to"), content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("from"), content).ConfigureAwait(false);
    }

    private static async Task PullCreateOnlyAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(10, seed: 1);
        await s.WriteAsync("from", Sources.Bytes(10, seed: 2)).ConfigureAwait(false);
        await s.WriteAsync("to", old).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.AlreadyExists,
            async () => await s.Store.ThirdPartyCopy!.PullAsync(
                s.Store.Identity, s.Path("from"), s.Path("to"), new WriteOptions { CreateOnly = true }, null, s.Ct).ConfigureAwait(false),
            "a create-only fetch over a file").ConfigureAwait(false);
        await s.HoldsAsync(s.Path("to"), old).ConfigureAwait(false);
    }

    private static async Task PullOfAbsentAsync(StoreUnderTest s)
    {
        await Require.FailsAsync(
            StoreErrorKind.NotFound,
            async () => await s.Store.ThirdPartyCopy!.PullAsync(
                s.Store.Identity, s.Path("absent"), s.Path("to"), WriteOptions.Default, null, s.Ct).ConfigureAwait(false),
            "fetching what is absent").ConfigureAwait(false);
        await s.OnlyLeftAsync().ConfigureAwait(false);
    }
}
