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
        new("Nothing is visible of a fetched file before it is published", PullShowsNothingAsync, FetchesItself, PullsItself),
        new("What is fetched again replaces what the upload held", PullAgainAsync, FetchesItself, PullsItself),
        new("Fetching what is absent fails as not found", PullOfAbsentAsync, FetchesItself, PullsItself),
        new("Fetching into an upload that was thrown away fails as not found and makes nothing", PullIntoAbortedAsync, FetchesItself, PullsItself),
    ];

    public static bool CopiesItself(IStore store) => store.ServerCopy?.CanCopyFrom(store.Identity) == true;

    public static bool PullsItself(IStore store) =>
        store is { PartedWrite: not null, ThirdPartyCopy: { } copy, ThirdPartySource: { } itself } && copy.Refuses(itself) is null;

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
        PartedUpload upload = await s.BeginAsync(s.Path("new/to"), content.Length).ConfigureAwait(false);
        StoredPart part = await s.PullAsync(s.Path("from"), upload).ConfigureAwait(false);
        Require.Same((1, 0L, (long)content.Length), (part.Number, part.Offset, part.Length), "the part");
        await s.CompleteAsync(upload, [part]).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("new/to"), content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("from"), content).ConfigureAwait(false);
    }

    private static async Task PullShowsNothingAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(10, seed: 1);
        await s.WriteAsync("from", Sources.Bytes(20, seed: 2)).ConfigureAwait(false);
        await s.WriteAsync("to", old).ConfigureAwait(false);
        PartedUpload upload = await s.BeginAsync(s.Path("to"), 20).ConfigureAwait(false);
        await s.PullAsync(s.Path("from"), upload).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("to"), old).ConfigureAwait(false);
    }

    private static async Task PullAgainAsync(StoreUnderTest s)
    {
        byte[] second = Sources.Bytes(100, seed: 2);
        await s.WriteAsync("first", Sources.Bytes(300, seed: 1)).ConfigureAwait(false);
        await s.WriteAsync("second", second).ConfigureAwait(false);
        PartedUpload upload = await s.BeginAsync(s.Path("to"), null).ConfigureAwait(false);
        await s.PullAsync(s.Path("first"), upload).ConfigureAwait(false);
        StoredPart part = await s.PullAsync(s.Path("second"), upload).ConfigureAwait(false);
        await s.CompleteAsync(upload, [part]).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("to"), second).ConfigureAwait(false);
    }

    private static async Task PullOfAbsentAsync(StoreUnderTest s)
    {
        PartedUpload upload = await s.BeginAsync(s.Path("to"), null).ConfigureAwait(false);
        await FailsAsync(s, "absent", upload, "fetching what is absent").ConfigureAwait(false);
    }

    private static async Task PullIntoAbortedAsync(StoreUnderTest s)
    {
        await s.WriteAsync("from", Sources.Bytes(10)).ConfigureAwait(false);
        PartedUpload upload = await s.BeginAsync(s.Path("to"), 10).ConfigureAwait(false);
        await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false);
        await FailsAsync(s, "from", upload, "fetching into an upload that is gone").ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("from")).ConfigureAwait(false);
    }

    private static Task FailsAsync(StoreUnderTest s, string from, PartedUpload upload, string what) => Require.FailsAsync(
        StoreErrorKind.NotFound,
        async () => await s.Store.ThirdPartyCopy!.PullAsync(s.Store.ThirdPartySource!, s.Path(from), upload, null, s.Ct).ConfigureAwait(false),
        what);
}
