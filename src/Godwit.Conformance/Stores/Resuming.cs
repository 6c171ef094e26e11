using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about uploads by parts that go on after a restart.</summary>
internal static class Resuming
{
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        Needing("An upload is resumed by its path, tag and id, and goes on", s => GoesOnAsync(s, upload => upload.Id)),
        new("An upload whose answer was lost is resumed by its path and tag", s => GoesOnAsync(s, _ => null), ByTag, FindsByTag),
        Needing("An upload of unknown length is resumed and goes on", UnknownLengthAsync),
        Needing("An upload that is gone is resumed as nothing", GoneAsync),
        Needing("An upload is not resumed by another's tag", AnotherTagAsync),
        new("Beginning twice with one tag gives one upload", BeginTwiceAsync, ByTag, FindsByTag),
        new("The uploads under way below a directory are listed, and no others", UploadsAsync, nameof(IUploadListing)),
        Needing("The parts that a store lists are those that were written", ListedPartsAsync),
    ];

    private const string ByTag = "PartedWrite that finds uploads by tag";

    private static bool FindsByTag(IStore store) => store.PartedWrite?.Limits.FindsByTag == true;

    private static StoreCheck Needing(string says, Func<StoreUnderTest, Task> proveAsync) =>
        new(says, proveAsync, nameof(IStore.PartedWrite));

    private static async Task GoesOnAsync(StoreUnderTest s, Func<PartedUpload, string?> idToResumeBy)
    {
        byte[] content = Sources.Bytes(2 * s.PartBytes);
        PartedUpload begun = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        List<StoredPart> first = await BeginPartsAsync(s, begun, content).ConfigureAwait(false);
        PartedUpload resumed = await ResumeAsync(s, begun, idToResumeBy(begun), content.Length).ConfigureAwait(false)
            ?? throw new StoreCheckFailedException("an upload that is there was not found");
        Require.Same(begun.Id, resumed.Id, "the resumed id");
        StoredPart last = await s.LastAsync(resumed, content).ConfigureAwait(false);
        await s.CompleteAsync(resumed, [.. first, last]).ConfigureAwait(false);
        await s.HoldsAsync(begun.Path, content).ConfigureAwait(false);
        await s.OnlyLeftAsync(begun.Path).ConfigureAwait(false);
    }

    /// <summary>Writes all parts but the last; where there is but one and the upload is not there before it, that one in vain.</summary>
    private static async Task<List<StoredPart>> BeginPartsAsync(StoreUnderTest s, PartedUpload upload, byte[] content)
    {
        List<StoredPart> first = await s.AllButLastAsync(upload, content).ConfigureAwait(false);
        if (first.Count == 0 && !s.Parts.Limits.IsThereWhenBegun)
        {
            await s.LastAsync(upload, Sources.Bytes(content.Length, seed: 9)).ConfigureAwait(false);
        }

        return first;
    }

    private static async Task UploadsAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        string[] names = ["in/one", "in/deep/a b+%41&é", "in/one"];
        var begun = new List<(StorePath Path, string Id)>();
        foreach (string name in names)
        {
            PartedUpload upload = await s.BeginAsync(s.Path(name), content.Length).ConfigureAwait(false);
            begun.Add((upload.Path, upload.Id));
        }

        await s.BeginAsync(s.Path("in-another"), content.Length).ConfigureAwait(false);
        PartedUpload aborted = await s.BeginAsync(s.Path("in/aborted"), content.Length).ConfigureAwait(false);
        await s.Parts.AbortAsync(aborted, s.Ct).ConfigureAwait(false);
        await s.WriteByPartsAsync(s.Path("in/published"), content, s.PartBytes).ConfigureAwait(false);
        var listed = new List<(StorePath Path, string Id)>();
        ListPosition? position = null;
        do
        {
            UploadPage page = await s.Parts.UploadListing!.ListAsync(s.Path("in"), position, s.Ct).ConfigureAwait(false);
            position = page.Next;
            listed.AddRange(page.Uploads.Select(upload => (upload.Path ?? StorePath.Root, upload.Id)));
        }
        while (position is not null);
        Require.That(
            listed.Count == begun.Count && !listed.Except(begun).Any(),
            $"the uploads [{string.Join(", ", begun)}] are under way and [{string.Join(", ", listed)}] are listed");
    }

    private static async Task UnknownLengthAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes + 3);
        PartedUpload begun = await s.BeginAsync(s.Path("file"), null).ConfigureAwait(false);
        List<StoredPart> first = await BeginPartsAsync(s, begun, content).ConfigureAwait(false);
        PartedUpload resumed = await ResumeAsync(s, begun, begun.Id, null).ConfigureAwait(false)
            ?? throw new StoreCheckFailedException("an upload that is there was not found");
        StoredPart last = await s.LastAsync(resumed, content).ConfigureAwait(false);
        await s.CompleteAsync(resumed, [.. first, last]).ConfigureAwait(false);
        await s.HoldsAsync(begun.Path, content).ConfigureAwait(false);
    }

    private static async Task GoneAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        PartedUpload aborted = await s.BeginAsync(s.Path("aborted"), content.Length).ConfigureAwait(false);
        await s.PartAsync(aborted, 1, 0, content).ConfigureAwait(false);
        await s.Parts.AbortAsync(aborted, s.Ct).ConfigureAwait(false);
        PartedUpload published = await s.BeginAsync(s.Path("published"), content.Length).ConfigureAwait(false);
        await s.CompleteAsync(published, await s.PartsAsync(published, content, s.PartBytes).ConfigureAwait(false)).ConfigureAwait(false);
        foreach (PartedUpload gone in new[] { aborted, published })
        {
            foreach (string? id in new[] { gone.Id, null })
            {
                PartedUpload? resumed = await ResumeAsync(s, gone, id, content.Length).ConfigureAwait(false);
                Require.That(resumed is null, $"the upload of \"{gone.Path}\" is gone and was resumed");
            }
        }
    }

    private static async Task AnotherTagAsync(StoreUnderTest s)
    {
        PartedUpload begun = await s.BeginAsync(s.Path("file"), 1).ConfigureAwait(false);
        PartedUpload? resumed = await s.Parts.ResumeAsync(
            begun.Path, StoreUnderTest.NewTag(), null, 1, WriteOptions.Default, s.Ct).ConfigureAwait(false);
        Require.That(resumed is null, "another's upload was resumed");
    }

    private static async Task BeginTwiceAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        PartedUpload begun = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        StoredPart part = await s.PartAsync(begun, 1, 0, content).ConfigureAwait(false);
        PartedUpload again = await s.BeginAsync(begun.Path, content.Length, begun.Tag).ConfigureAwait(false);
        Require.Same(begun.Id, again.Id, "the id of the upload begun again");
        await s.CompleteAsync(again, [part]).ConfigureAwait(false);
        await s.HoldsAsync(begun.Path, content).ConfigureAwait(false);
        await s.OnlyLeftAsync(begun.Path).ConfigureAwait(false);
    }

    private static async Task ListedPartsAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes((2 * s.PartBytes) + 1);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        List<StoredPart> written = await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
        if (await s.Parts.ListPartsAsync(upload, s.Ct).ConfigureAwait(false) is not { } listed)
        {
            return;
        }

        Require.Same(written.Count, listed.Count, "the number of listed parts");
        foreach (StoredPart part in written)
        {
            StoredPart told = listed.SingleOrDefault(one => one.Number == part.Number)
                ?? throw new StoreCheckFailedException($"part {part.Number} is not listed");
            Require.Same(part.Length, told.Length, $"the listed length of part {part.Number}");
            Require.Same(part.Token, told.Token, $"the listed token of part {part.Number}");
            Require.That(told.Offset == -1 || told.Offset == part.Offset, $"part {part.Number} is listed at another offset");
        }
    }

    private static async Task<PartedUpload?> ResumeAsync(StoreUnderTest s, PartedUpload upload, string? id, long? length) =>
        await s.Parts.ResumeAsync(upload.Path, upload.Tag, id, length, WriteOptions.Default, s.Ct).ConfigureAwait(false);
}
