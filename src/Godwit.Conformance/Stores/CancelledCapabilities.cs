using System.Text;
using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about calls of single capabilities that are cancelled before they begin. Each is made again afterwards, and works.</summary>
internal static class CancelledCapabilities
{
    private const string Other = "directory/other";

    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        Row("A flat listing ends at once when cancelled before", nameof(IStore.FlatListing), async (s, ct) =>
            await s.Store.FlatListing!.ListBelowAsync(s.At, null, ct).ConfigureAwait(false)),
        new("Cutting a flat listing ends at once when cancelled before", CutAsync, nameof(IStore.FlatListing)),
        Row("A directory cancelled before it was made is not there", nameof(IStore.Directories), async (s, ct) =>
            await s.Store.Directories!.CreateAsync(s.Path("new/directory"), ct).ConfigureAwait(false)),
        Row("A link cancelled before it was made is not there, and what it would replace is", nameof(IStore.Links), async (s, ct) =>
            await s.Store.Links!.CreateAsync(s.Path("file"), Encoding.UTF8.GetBytes(Other), WriteOptions.Default, ct).ConfigureAwait(false)),
        Row("Deleting in bulk, cancelled before it began, takes nothing away", nameof(IStore.BulkDelete), async (s, ct) =>
            await s.Store.BulkDelete!.DeleteAsync([s.Path("file"), s.Path(Other)], ct).ConfigureAwait(false)),
        new("Deleting a version, cancelled before it began, takes nothing away", VersionAsync, nameof(IStore.VersionedDelete)),
        new("A server copy cancelled before it began has no effect", s => ProveAsync(s, CopyAsync), Copying.Itself, Copying.CopiesItself),
        new("A fetch cancelled before it began has no effect", PullAsync, Copying.FetchesItself, Copying.PullsItself),
        Row("Asking for a stored checksum ends at once when cancelled before", nameof(IStore.StoredChecksum), async (s, ct) =>
            await s.Store.StoredChecksum!.GetAsync(s.Path("file"), s.Store.StoredChecksum.Kinds[0], ct).ConfigureAwait(false)),
        Row("Asking for the pairs of a file ends at once when cancelled before", nameof(IStore.UserMetadata), async (s, ct) =>
            await s.Store.UserMetadata!.GetAsync(s.Path("file"), ct).ConfigureAwait(false)),
        Row("A second name cancelled before it was given is not there", nameof(IStore.HardLinks), async (s, ct) =>
            await s.Store.HardLinks!.LinkAsync(s.Store.Identity, s.Path("file"), s.Path("new/second"), ct).ConfigureAwait(false)),
        Row("A rename cancelled before it began has no effect", nameof(IStore.Rename), async (s, ct) =>
            await s.Store.Rename!.RenameAsync(s.Path("file"), s.Path(Other), false, ct).ConfigureAwait(false)),
        Row("Asking for free space ends at once when cancelled before", nameof(IStore.FreeSpace), async (s, ct) =>
            await s.Store.FreeSpace!.GetAsync(s.At, ct).ConfigureAwait(false)),
        Row("Setting a time, cancelled before it began, leaves the time", nameof(IStore.SettableTime), async (s, ct) =>
            await s.Store.SettableTime!.SetAsync(s.Path("file"), new Timestamp(1_234_567_890_123_456_789), ct).ConfigureAwait(false)),
        Row("Making files durable ends at once when cancelled before", nameof(IStore.Durability), async (s, ct) =>
            await s.Store.Durability!.SyncPublishedAsync([s.Path("file"), s.Path(Other)], ct).ConfigureAwait(false)),
    ];

    private static StoreCheck Row(string says, string capability, Func<StoreUnderTest, CancellationToken, Task> callAsync) =>
        new(says, s => ProveAsync(s, callAsync), capability);

    private static async Task ProveAsync(StoreUnderTest s, Func<StoreUnderTest, CancellationToken, Task> callAsync)
    {
        byte[] content = Sources.Bytes(10, seed: 1);
        byte[] other = Sources.Bytes(20, seed: 2);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        await s.WriteAsync(Other, other).ConfigureAwait(false);
        await CancelledCall.HasNoEffectAsync(s, ct => callAsync(s, ct)).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path(Other), other).ConfigureAwait(false);

        // Otherwise it might have ended for another reason than its token.
        await Passing.RepeatAsync(() => callAsync(s, s.Ct)).ConfigureAwait(false);
    }

    private static async Task VersionAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        StoreEntry file = await s.WriteAsync("file", content).ConfigureAwait(false);
        await CancelledCall.HasNoEffectAsync(
            s, async ct => await s.Store.VersionedDelete!.DeleteAsync(file.Path, file.Version!, ct).ConfigureAwait(false)).ConfigureAwait(false);
        await s.HoldsAsync(file.Path, content).ConfigureAwait(false);
        await s.Store.VersionedDelete!.DeleteAsync(file.Path, file.Version!, s.Ct).ConfigureAwait(false);
        await s.AbsentAsync(file.Path).ConfigureAwait(false);
    }

    private static async Task CopyAsync(StoreUnderTest s, CancellationToken ct) => await s.Store.ServerCopy!.CopyAsync(
        s.Store.Identity, s.Path("file"), null, s.Path(Other), WriteOptions.Default, ct).ConfigureAwait(false);

    private static async Task PullAsync(StoreUnderTest s)
    {
        byte[] kept = Sources.Bytes(10, seed: 1);
        await s.WriteAsync("file", Sources.Bytes(20, seed: 2)).ConfigureAwait(false);
        PartedUpload upload = await s.BeginAsync(s.Path("to"), kept.Length).ConfigureAwait(false);
        List<StoredPart> parts = await s.PartsAsync(upload, kept, s.PartBytes).ConfigureAwait(false);
        await CancelledCall.EndsAsync(async ct => await s.Store.ThirdPartyCopy!
            .PullAsync(s.Store.ThirdPartySource!, s.Path("file"), upload, null, ct).ConfigureAwait(false)).ConfigureAwait(false);
        await s.CompleteAsync(upload, parts).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("to"), kept).ConfigureAwait(false);
    }

    /// <summary>The position is no store's: it takes thousands of entries to get one, and a call that is over is not to look at it.</summary>
    private static async Task CutAsync(StoreUnderTest s)
    {
        using var nowhere = new Nowhere();
        await CancelledCall.EndsAsync(
            async ct => await s.Store.FlatListing!.SplitAsync(s.At, nowhere, 2, ct).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private sealed class Nowhere : ListPosition;
}
