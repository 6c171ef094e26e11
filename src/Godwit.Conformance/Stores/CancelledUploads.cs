using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about uploads by parts whose calls the caller cancels, before they begin or in a part.</summary>
internal static class CancelledUploads
{
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("An upload cancelled before it began is not there", BeginAsync, nameof(IStore.PartedWrite)),
        Row("A resumption cancelled before it began leaves the upload", nameof(IStore.PartedWrite), async (s, upload, _, ct) =>
            await s.Parts.ResumeAsync(upload.Path, upload.Tag, upload.Id, Bytes, WriteOptions.Default, ct).ConfigureAwait(false)),
        Row("A part cancelled before it began leaves the one that was written", nameof(IStore.PartedWrite), async (s, upload, _, ct) =>
            await s.Parts.WritePartAsync(upload, 1, 0, WriteSource.From(Sources.Bytes(Bytes, seed: 2)), null, ct).ConfigureAwait(false)),
        Row("Asking for the parts ends at once when cancelled before", nameof(IStore.PartedWrite), async (s, upload, _, ct) =>
            await s.Parts.ListPartsAsync(upload, ct).ConfigureAwait(false)),
        Row("Listing the uploads ends at once when cancelled before", nameof(IUploadListing), async (s, _, _, ct) =>
            await s.Parts.UploadListing!.ListAsync(s.At, null, ct).ConfigureAwait(false)),
        Row("Reading what is not yet published ends at once when cancelled before", nameof(IUnpublishedRead), async (s, upload, _, ct) =>
            await s.Parts.UnpublishedRead!.OpenRangeAsync(upload, 0, Bytes, ct).ConfigureAwait(false)),
        Row(SumsBefore, nameof(IUnpublishedChecksum), async (s, upload, _, ct) =>
            await s.Parts.UnpublishedChecksum!.GetAsync(upload, s.Parts.UnpublishedChecksum.Kinds[0], ct).ConfigureAwait(false)),
        new("Making uploads durable ends at once when cancelled before", s => ProveAsync(s, SyncAsync), "Durability and PartedWrite", SyncsUploads),
        Row("A completion cancelled before it began publishes nothing", nameof(IStore.PartedWrite), async (s, upload, part, ct) =>
            await s.Parts.CompleteAsync(upload, [part], ct).ConfigureAwait(false)),
        Row("Throwing an upload away, cancelled before it began, leaves the upload", nameof(IStore.PartedWrite), async (s, upload, _, ct) =>
            await s.Parts.AbortAsync(upload, ct).ConfigureAwait(false)),
        Midway("A part cancelled at its first byte is not there and can be written again", _ => 0),
        Midway("A part cancelled in the middle is not there and can be written again", bytes => bytes / 2),
        Midway("A part cancelled at its end is not there and can be written again", bytes => bytes),
        new("An upload cancelled in its last part and thrown away leaves nothing", LastPartAsync, nameof(IStore.PartedWrite)),
        new("A read of what is not yet published, cancelled midway, can be made anew", ReadMidwayAsync, nameof(IUnpublishedRead)),
    ];

    private const int Bytes = 1_000;
    private const string SumsBefore = "Asking for the checksum of what is not yet published ends at once when cancelled before";

    private delegate Task CallAsync(StoreUnderTest s, PartedUpload upload, StoredPart part, CancellationToken ct);

    private static bool SyncsUploads(IStore store) => store.Durability is not null && store.PartedWrite is not null;

    private static StoreCheck Row(string says, string capability, CallAsync callAsync) => new(says, s => ProveAsync(s, callAsync), capability);

    private static StoreCheck Midway(string says, Func<int, int> atByte) =>
        new(says, s => PartMidwayAsync(s, atByte), nameof(IStore.PartedWrite));

    /// <summary>A call on an upload that has all its parts; afterwards it is published as if nobody had called.</summary>
    private static async Task ProveAsync(StoreUnderTest s, CallAsync callAsync)
    {
        byte[] content = Sources.Bytes(Bytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), Bytes).ConfigureAwait(false);
        StoredPart part = await s.PartAsync(upload, 1, 0, content).ConfigureAwait(false);
        await CancelledCall.HasNoEffectAsync(s, ct => callAsync(s, upload, part, ct)).ConfigureAwait(false);
        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
        await s.CompleteAsync(upload, [part]).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
        await s.OnlyLeftAsync(upload.Path).ConfigureAwait(false);
    }

    private static async Task SyncAsync(StoreUnderTest s, PartedUpload upload, StoredPart part, CancellationToken ct) =>
        await s.Store.Durability!.SyncUploadsAsync([upload], ct).ConfigureAwait(false);

    private static async Task BeginAsync(StoreUnderTest s)
    {
        string tag = StoreUnderTest.NewTag();
        StorePath path = s.Path("new/file");
        await CancelledCall.HasNoEffectAsync(
            s, async ct => await s.Parts.BeginAsync(path, tag, Bytes, WriteOptions.Default, ct).ConfigureAwait(false)).ConfigureAwait(false);
        if (s.Parts.Limits.FindsByTag)
        {
            PartedUpload? found = await s.Parts.ResumeAsync(path, tag, null, Bytes, WriteOptions.Default, s.Ct).ConfigureAwait(false);
            Require.That(found is null, "an upload that was cancelled before it began is found by its tag");
        }
    }

    private static async Task PartMidwayAsync(StoreUnderTest s, Func<int, int> atByte)
    {
        byte[] content = Sources.Bytes(2 * s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        List<StoredPart> first = await s.AllButLastAsync(upload, content).ConfigureAwait(false);
        await CancelledPartAsync(s, upload, content, atByte).ConfigureAwait(false);
        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
        if (await s.Parts.ListPartsAsync(upload, s.Ct).ConfigureAwait(false) is { } listed)
        {
            Require.That(listed.Count == first.Count, "a part that was cancelled is listed");
        }

        StoredPart last = await s.LastAsync(upload, content).ConfigureAwait(false);
        await s.CompleteAsync(upload, [.. first, last]).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }

    private static async Task LastPartAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(2 * s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        await s.AllButLastAsync(upload, content).ConfigureAwait(false);
        await CancelledPartAsync(s, upload, content, bytes => bytes / 2).ConfigureAwait(false);
        await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false);
        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
        await s.OnlyLeftAsync().ConfigureAwait(false);
    }

    private static async Task CancelledPartAsync(StoreUnderTest s, PartedUpload upload, byte[] content, Func<int, int> atByte)
    {
        (int number, int offset) = s.LastPart;
        using var source = CancellationTokenSource.CreateLinkedTokenSource(s.Ct);
        WriteSource part = Sources.CancellingAt(atByte(content.Length - offset), content[offset..], source);
        await Require.CancelledAsync(
            async () => await s.Parts.WritePartAsync(upload, number, offset, part, null, source.Token).ConfigureAwait(false),
            "a part",
            source.Token).ConfigureAwait(false);
    }

    private static async Task ReadMidwayAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(100_000);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        StoredPart part = await s.PartAsync(upload, 1, 0, content).ConfigureAwait(false);
        await Cancellation.ReadMidwayAsync(
            s, content, async () => await s.Parts.UnpublishedRead!.OpenRangeAsync(upload, 0, content.Length, s.Ct).ConfigureAwait(false))
            .ConfigureAwait(false);
        await s.CompleteAsync(upload, [part]).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }
}
