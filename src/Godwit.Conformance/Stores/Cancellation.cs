using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about calls that the caller cancels.</summary>
internal static class Cancellation
{
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("Looking, listing and reading end at once when cancelled before", QuietCallsAsync),
        new("A file that was cancelled while it was read can be read anew", s => BodyMidwayAsync(s, OpenAsync)),
        new("A range that was cancelled while it was read can be read anew", s => BodyMidwayAsync(s, OpenRangeAsync), nameof(IStore.RangedRead)),
        new("A file's body stays open when the call's token is cancelled afterwards", BodyOutlivesTokenAsync),
        new("A write cancelled before it began has no effect", WriteBeforeAsync),
        new("A delete cancelled before it began has no effect", DeleteBeforeAsync),
        new("A write cancelled at its first byte leaves nothing", s => WriteMidwayAsync(s, 0)),
        new("A write cancelled in the middle leaves nothing", s => WriteMidwayAsync(s, 50_000)),
        new("A write cancelled at its end leaves nothing", s => WriteMidwayAsync(s, Length)),
        new("A write cancelled in the middle leaves nothing, also where its source does not notice", s => WriteMidwayAsync(s, 50_000, looks: false)),
        new("A write cancelled in the middle leaves the old content", WriteKeepsOldAsync),
    ];

    private const int Length = 100_000;

    private static async Task<Stream> OpenAsync(StoreUnderTest s, StorePath path, CancellationToken ct) =>
        (await s.Store.OpenReadAsync(path, ct).ConfigureAwait(false)).Content;

    private static async Task<Stream> OpenRangeAsync(StoreUnderTest s, StorePath path, CancellationToken ct) =>
        await s.Store.RangedRead!.OpenRangeAsync(path, null, 0, Length, ct).ConfigureAwait(false);

    /// <summary>A body whose reading is cancelled ends by that and can be closed, and one that is opened anew gives all bytes.</summary>
    public static async Task ReadMidwayAsync(StoreUnderTest s, byte[] content, Func<Task<Stream>> openAsync)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(s.Ct);
        Stream body = await openAsync().ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var begun = new byte[100];
            await body.ReadExactlyAsync(begun, source.Token).ConfigureAwait(false);
            Require.SameBytes(content.AsMemory(0, begun.Length), begun, "the first bytes");
            await source.CancelAsync().ConfigureAwait(false);
            await Require.CancelledAsync(
                async () => await body.ReadExactlyAsync(begun, source.Token).ConfigureAwait(false), "a read", source.Token).ConfigureAwait(false);
        }

        Stream anew = await openAsync().ConfigureAwait(false);
        await using (anew.ConfigureAwait(false))
        {
            Require.SameBytes(content, await s.DrainAsync(anew).ConfigureAwait(false), "what is read anew");
        }
    }

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

    private static async Task BodyMidwayAsync(StoreUnderTest s, Func<StoreUnderTest, StorePath, CancellationToken, Task<Stream>> openAsync)
    {
        byte[] content = Sources.Bytes(Length);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        await ReadMidwayAsync(s, content, () => openAsync(s, s.Path("file"), s.Ct)).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
    }

    private static async Task BodyOutlivesTokenAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(Length);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(s.Ct);
        Stream body = await OpenAsync(s, s.Path("file"), source.Token).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await source.CancelAsync().ConfigureAwait(false);
            Require.SameBytes(content, await s.DrainAsync(body).ConfigureAwait(false), "the body");
        }
    }

    private static async Task WriteBeforeAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(10, seed: 1);
        await s.WriteAsync("old", old).ConfigureAwait(false);
        foreach (string name in new[] { "old", "new/file" })
        {
            var source = WriteSource.From(Sources.Bytes(20, seed: 2));
            await CancelledCall.HasNoEffectAsync(
                s, async ct => await s.Store.WriteAsync(s.Path(name), source, WriteOptions.Default, ct).ConfigureAwait(false)).ConfigureAwait(false);
        }

        await s.HoldsAsync(s.Path("old"), old).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("old")).ConfigureAwait(false);
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

    private static async Task WriteMidwayAsync(StoreUnderTest s, int atByte, bool looks = true)
    {
        await CancelledWriteAsync(s, Sources.Bytes(Length), atByte, looks).ConfigureAwait(false);
        await s.AbsentAsync(s.Path("file")).ConfigureAwait(false);
        await s.OnlyLeftAsync().ConfigureAwait(false);
    }

    private static async Task WriteKeepsOldAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(100, seed: 1);
        await s.WriteAsync("file", old).ConfigureAwait(false);
        await CancelledWriteAsync(s, Sources.Bytes(Length, seed: 2), 50_000).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), old).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("file")).ConfigureAwait(false);
    }

    private static async Task CancelledWriteAsync(StoreUnderTest s, byte[] content, int atByte, bool looks = true)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(s.Ct);
        WriteSource cancelling = Sources.CancellingAt(atByte, content, source, looks);
        await Require.CancelledAsync(
            async () => await s.Store.WriteAsync(s.Path("file"), cancelling, WriteOptions.Default, source.Token).ConfigureAwait(false),
            "a write",
            source.Token).ConfigureAwait(false);
    }
}
