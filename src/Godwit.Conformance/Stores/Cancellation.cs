using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about calls that the caller cancels.</summary>
internal static class Cancellation
{
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("Looking, listing and reading end at once when cancelled before", QuietCallsAsync),
        new("A write cancelled before it began has no effect", WriteBeforeAsync),
        new("A delete cancelled before it began has no effect", DeleteBeforeAsync),
        new("A write cancelled at its first byte leaves nothing", s => WriteMidwayAsync(s, 0)),
        new("A write cancelled in the middle leaves nothing", s => WriteMidwayAsync(s, 50_000)),
        new("A write cancelled in the middle leaves the old content", WriteKeepsOldAsync),
        new("A completion cancelled before it began publishes nothing", CompleteBeforeAsync, nameof(IStore.PartedWrite)),
        new("A part cancelled in the middle is not there and can be written again", PartMidwayAsync, nameof(IStore.PartedWrite)),
        new("An upload cancelled in its last part and thrown away leaves nothing", LastPartAsync, nameof(IStore.PartedWrite)),
        new("A rename cancelled before it began has no effect", RenameBeforeAsync, nameof(IStore.Rename)),
        new("A server copy cancelled before it began has no effect", CopyBeforeAsync, "ServerCopy within itself", Copying.CopiesItself),
    ];

    private static async Task QuietCallsAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10)).ConfigureAwait(false);
        var cancelled = new CancellationToken(canceled: true);
        await Require.CancelledAsync(
            async () => await s.Store.StatAsync(s.Path("file"), cancelled).ConfigureAwait(false),
            "looking",
            cancelled).ConfigureAwait(false);
        await Require.CancelledAsync(
            async () => await s.Store.ListAsync(s.At, null, cancelled).ConfigureAwait(false),
            "listing",
            cancelled).ConfigureAwait(false);
        await Require.CancelledAsync(
            async () => await s.Store.OpenReadAsync(s.Path("file"), cancelled).ConfigureAwait(false),
            "reading",
            cancelled).ConfigureAwait(false);
        if (s.Store.RangedRead is { } ranged)
        {
            await Require.CancelledAsync(
            async () => await ranged.OpenRangeAsync(s.Path("file"), null, 0, 1, cancelled).ConfigureAwait(false),
            "reading a range",
            cancelled).ConfigureAwait(false);
        }
    }

    private static async Task WriteBeforeAsync(StoreUnderTest s)
    {
        var cancelled = new CancellationToken(canceled: true);
        await Require.CancelledAsync(
            async () => await s.Store.WriteAsync(
                s.Path("file"), WriteSource.From(Sources.Bytes(10)), WriteOptions.Default, cancelled).ConfigureAwait(false),
            "a write",
            cancelled).ConfigureAwait(false);
        await s.AbsentAsync(s.Path("file")).ConfigureAwait(false);
        await s.OnlyLeftAsync().ConfigureAwait(false);
    }

    private static async Task DeleteBeforeAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        var cancelled = new CancellationToken(canceled: true);
        await Require.CancelledAsync(
            async () => await s.Store.DeleteAsync(s.Path("file"), cancelled).ConfigureAwait(false),
            "a delete",
            cancelled).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
    }

    private static async Task WriteMidwayAsync(StoreUnderTest s, int atByte)
    {
        await CancelledWriteAsync(s, Sources.Bytes(100_000), atByte).ConfigureAwait(false);
        await s.AbsentAsync(s.Path("file")).ConfigureAwait(false);
        await s.OnlyLeftAsync().ConfigureAwait(false);
    }

    private static async Task WriteKeepsOldAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(100, seed: 1);
        await s.WriteAsync("file", old).ConfigureAwait(false);
        await CancelledWriteAsync(s, Sources.Bytes(100_000, seed: 2), 50_000).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), old).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("file")).ConfigureAwait(false);
    }

    private static async Task CancelledWriteAsync(StoreUnderTest s, byte[] content, int atByte)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(s.Ct);
        await Require.CancelledAsync(
            async () => await s.Store.WriteAsync(
                s.Path("file"), CancelsAt(atByte, content, source), WriteOptions.Default, source.Token).ConfigureAwait(false),
            "a write",
            source.Token).ConfigureAwait(false);
    }

    private static WriteSource CancelsAt(int atByte, byte[] content, CancellationTokenSource source) =>
        Sources.Gated(content, async (given, _) =>
        {
            if (given >= atByte)
            {
                await source.CancelAsync().ConfigureAwait(false);
            }
        });

    private static async Task CompleteBeforeAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        List<StoredPart> parts = await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
        var cancelled = new CancellationToken(canceled: true);
        await Require.CancelledAsync(
            async () => await s.Parts.CompleteAsync(upload, parts, cancelled).ConfigureAwait(false),
            "a completion",
            cancelled).ConfigureAwait(false);
        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
    }

    private static async Task PartMidwayAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(2 * s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        StoredPart first = await s.PartAsync(upload, 1, 0, content[..s.PartBytes]).ConfigureAwait(false);
        await CancelledPartAsync(s, upload, content).ConfigureAwait(false);
        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
        if (await s.Parts.ListPartsAsync(upload, s.Ct).ConfigureAwait(false) is { } listed)
        {
            Require.That(listed.All(part => part.Number == 1), "a part that was cancelled in the middle is listed");
        }

        StoredPart second = await s.PartAsync(upload, 2, s.PartBytes, content[s.PartBytes..]).ConfigureAwait(false);
        await s.CompleteAsync(upload, [first, second]).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }

    private static async Task LastPartAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(2 * s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        await s.PartAsync(upload, 1, 0, content[..s.PartBytes]).ConfigureAwait(false);
        await CancelledPartAsync(s, upload, content).ConfigureAwait(false);
        await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false);
        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
        await s.OnlyLeftAsync().ConfigureAwait(false);
    }

    private static async Task CancelledPartAsync(StoreUnderTest s, PartedUpload upload, byte[] content)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(s.Ct);
        await Require.CancelledAsync(
            async () => await s.Parts.WritePartAsync(
                upload, 2, s.PartBytes, CancelsAt(s.PartBytes / 2, content[s.PartBytes..], source), null, source.Token).ConfigureAwait(false),
            "a part",
            source.Token).ConfigureAwait(false);
    }

    private static async Task RenameBeforeAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("old", content).ConfigureAwait(false);
        var cancelled = new CancellationToken(canceled: true);
        await Require.CancelledAsync(
            async () => await s.Store.Rename!.RenameAsync(s.Path("old"), s.Path("new"), false, cancelled).ConfigureAwait(false),
            "a rename",
            cancelled).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("old"), content).ConfigureAwait(false);
        await s.AbsentAsync(s.Path("new")).ConfigureAwait(false);
    }

    private static async Task CopyBeforeAsync(StoreUnderTest s)
    {
        await s.WriteAsync("from", Sources.Bytes(10)).ConfigureAwait(false);
        var cancelled = new CancellationToken(canceled: true);
        await Require.CancelledAsync(
            async () => await s.Store.ServerCopy!.CopyAsync(
                s.Store.Identity, s.Path("from"), null, s.Path("to"), WriteOptions.Default, cancelled).ConfigureAwait(false),
            "a server copy",
            cancelled).ConfigureAwait(false);
        await s.AbsentAsync(s.Path("to")).ConfigureAwait(false);
    }
}
