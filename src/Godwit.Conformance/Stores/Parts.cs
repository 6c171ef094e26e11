using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about writing a file by parts and publishing it.</summary>
internal static class Parts
{
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("Parts in any order and several at once make the whole file", AnyOrderAsync, Several, HasSeveral),
        Needing("A file of one byte over the part size arrives whole", OneByteOverAsync),
        Needing("An empty file is published from no parts", EmptyAsync),
        new("A file of unknown length is made of parts of any size that the limits allow", UnknownLengthAsync, Several, HasSeveral),
        Needing("Nothing is visible before completion", NothingBeforeAsync),
        Needing("The old content stays until completion and is then replaced", ReplacesAsync),
        Needing("Completion returns the entry as the store then tells it", ReturnsEntryAsync),
        Needing("The same part number again replaces the part", SameNumberAsync),
        Needing("A part shorter or longer than promised is refused", WrongLengthAsync),
        Needing("A part whose source breaks midway can be written again", BreakingAsync),
        Needing("A part number outside the limits is refused", NumberLimitsAsync),
        Needing("A tag that is not letters and digits is refused", TagAsync),
        Needing("Completing with a part that was never written fails and publishes nothing", NeverWrittenAsync),
        Needing("Completing with a part left out fails and publishes nothing", LeftOutAsync),
        Needing("A create-only completion over a file is refused, the old content stays", CreateOnlyAsync),
        Needing("Throwing an upload away leaves nothing, and twice is success", AbortAsync),
        Needing("Throwing an upload away tells that it is gone", AbortTellsAsync),
        Needing("An upload that was thrown away takes no part and is not published", AbortedIsGoneAsync),
        Needing("Throwing away an upload that was published leaves the file", AbortAfterCompleteAsync),
        Needing("Two uploads of one path do not disturb each other", TwoUploadsAsync),
        new("A part that does not match its checksum is refused", WrongChecksumAsync, "PartedWrite and ArrivalChecksum", HasBoth),
        new("A part that matches its checksum is taken", RightChecksumAsync, "PartedWrite and ArrivalChecksum", HasBoth),
        Needing("A checksum of a part that the store does not enforce is refused, never ignored", UncheckedChecksumAsync),
        Needing("The checksum that the store tells of a part is that of its bytes", StoredChecksumAsync),
        new("What is not yet published reads as it would be", UnpublishedAsync, nameof(IUnpublishedRead)),
        new("The checksum of what is not yet published is that of its bytes", UnpublishedChecksumAsync, nameof(IUnpublishedChecksum)),
        new("The checksum of an upload that was thrown away fails as not found", ChecksumOfAbortedAsync, nameof(IUnpublishedChecksum)),
    ];

    private static StoreCheck Needing(string says, Func<StoreUnderTest, Task> proveAsync) =>
        new(says, proveAsync, nameof(IStore.PartedWrite));

    private const string Several = "PartedWrite of several parts";

    private static bool HasSeveral(IStore store) => store.PartedWrite?.Limits.MaxParts > 1;

    private static bool HasBoth(IStore store) => store.PartedWrite is not null && store.ArrivalChecksum is not null;

    private static async Task AnyOrderAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes((4 * s.PartBytes) + 5);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        var parts = new StoredPart[5];
        await Task.WhenAll(Enumerable.Range(4, 5).Select(i => i * 3 % 5).Select(async i =>
        {
            int offset = i * s.PartBytes;
            byte[] bytes = content[offset..Math.Min(content.Length, offset + s.PartBytes)];
            parts[i] = await s.PartAsync(upload, i + 1, offset, bytes).ConfigureAwait(false);
        })).ConfigureAwait(false);
        await s.CompleteAsync(upload, parts).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
        await s.OnlyLeftAsync(upload.Path).ConfigureAwait(false);
    }

    private static async Task OneByteOverAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes + 1);
        await s.WriteByPartsAsync(s.Path("file"), content, s.PartBytes).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
    }

    private static async Task EmptyAsync(StoreUnderTest s)
    {
        await s.WriteByPartsAsync(s.Path("directory/empty"), [], s.PartBytes).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("directory/empty"), []).ConfigureAwait(false);
    }

    private static async Task UnknownLengthAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes((2 * s.PartBytes) + 20);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), null).ConfigureAwait(false);
        var parts = new List<StoredPart>();
        int offset = 0;
        foreach (int length in new[] { s.PartBytes, s.PartBytes + 13, 7 })
        {
            parts.Add(await s.PartAsync(upload, parts.Count + 1, offset, content[offset..(offset + length)]).ConfigureAwait(false));
            offset += length;
        }

        await s.CompleteAsync(upload, parts).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }

    private static async Task NothingBeforeAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes + 1);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
        List<StoredPart> parts = await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
        await s.CompleteAsync(upload, parts).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }

    private static async Task ReplacesAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(3 * s.PartBytes, seed: 1);
        byte[] content = Sources.Bytes(s.PartBytes + 1, seed: 2);
        await s.WriteAsync("file", old).ConfigureAwait(false);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        List<StoredPart> parts = await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, old).ConfigureAwait(false);
        await s.CompleteAsync(upload, parts).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }

    private static async Task ReturnsEntryAsync(StoreUnderTest s)
    {
        StoreEntry returned = await s.WriteByPartsAsync(s.Path("file"), Sources.Bytes(s.PartBytes + 1), s.PartBytes).ConfigureAwait(false);
        StoreEntry told = await s.PresentAsync(s.Path("file")).ConfigureAwait(false);
        Require.Same(told.Path, returned.Path, "the returned path");
        Require.Same(told.Length, returned.Length, "the returned length");
        Require.Same(told.Version, returned.Version, "the returned version");
    }

    private static async Task SameNumberAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes + 1, seed: 2);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        await s.PartsAsync(upload, Sources.Bytes(s.PartBytes + 1, seed: 1), s.PartBytes).ConfigureAwait(false);
        List<StoredPart> parts = await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
        await s.CompleteAsync(upload, parts).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }

    private static async Task WrongLengthAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        foreach (int promised in new[] { content.Length + 1, content.Length - 1 })
        {
            await Require.FailsAsync(
                StoreErrorKind.Integrity,
                async () => await s.Parts.WritePartAsync(
                    upload, 1, 0, Sources.Stream(content, promised), null, s.Ct).ConfigureAwait(false),
                $"a part of {content.Length} bytes where {promised} were promised").ConfigureAwait(false);
        }

        StoredPart part = await s.PartAsync(upload, 1, 0, content).ConfigureAwait(false);
        await s.CompleteAsync(upload, [part]).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }

    private static async Task BreakingAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes, seed: 2);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        try
        {
            await s.Parts.WritePartAsync(
                upload, 1, 0, Sources.Breaking(Sources.Bytes(s.PartBytes, seed: 1)), null, s.Ct).ConfigureAwait(false);
            throw new StoreCheckFailedException("a part from a broken source was taken");
        }
        catch (IOException)
        {
            // The source's own error or a store's error about it: which of the two is not promised.
        }

        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
        StoredPart part = await s.PartAsync(upload, 1, 0, content).ConfigureAwait(false);
        await s.CompleteAsync(upload, [part]).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }

    private static async Task NumberLimitsAsync(StoreUnderTest s)
    {
        PartedUpload upload = await s.BeginAsync(s.Path("file"), null).ConfigureAwait(false);
        foreach (long number in new[] { 0, -1, s.Parts.Limits.MaxParts + 1L }.Where(number => number <= int.MaxValue))
        {
            await Require.FailsAsync(
                StoreErrorKind.InvalidRequest,
                () => s.PartAsync(upload, (int)number, 0, Sources.Bytes(1)),
                $"part number {number}").ConfigureAwait(false);
        }
    }

    private static async Task TagAsync(StoreUnderTest s)
    {
        foreach (string tag in new[] { "", "../../up", "with space", "a/b", new string('t', 33) })
        {
            await Require.FailsAsync(
                StoreErrorKind.InvalidRequest, () => s.BeginAsync(s.Path("file"), 1, tag), $"the tag \"{tag}\"").ConfigureAwait(false);
        }
    }

    private static async Task NeverWrittenAsync(StoreUnderTest s)
    {
        PartedUpload upload = await s.BeginAsync(s.Path("file"), 2 * s.PartBytes).ConfigureAwait(false);
        StoredPart first = await s.PartAsync(upload, 1, 0, Sources.Bytes(s.PartBytes)).ConfigureAwait(false);
        await FailsToPublishAsync(s, upload, [first, first with { Number = 2, Offset = s.PartBytes }]).ConfigureAwait(false);
    }

    private static async Task LeftOutAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(3 * s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        List<StoredPart> parts = await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
        foreach (StoredPart leftOut in parts)
        {
            await FailsToPublishAsync(s, upload, [.. parts.Where(part => part != leftOut)]).ConfigureAwait(false);
        }
    }

    private static async Task FailsToPublishAsync(StoreUnderTest s, PartedUpload upload, StoredPart[] parts)
    {
        await Require.FailsAsync(
            StoreErrorKind.Integrity,
            async () => await s.Parts.CompleteAsync(upload, parts, s.Ct).ConfigureAwait(false),
            "completing without a part").ConfigureAwait(false);
        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
    }

    private static async Task CreateOnlyAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(10, seed: 1);
        byte[] content = Sources.Bytes(s.PartBytes + 1, seed: 2);
        var options = new WriteOptions { CreateOnly = true };
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length, options: options).ConfigureAwait(false);
        List<StoredPart> parts = await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
        await s.WriteAsync("file", old).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.AlreadyExists,
            async () => await s.Parts.CompleteAsync(upload, parts, s.Ct).ConfigureAwait(false),
            "a create-only completion over a file").ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, old).ConfigureAwait(false);
        await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false);
        await s.OnlyLeftAsync(upload.Path).ConfigureAwait(false);
    }

    private static async Task AbortAsync(StoreUnderTest s)
    {
        PartedUpload upload = await s.BeginAsync(s.Path("file"), s.PartBytes).ConfigureAwait(false);
        await s.PartAsync(upload, 1, 0, Sources.Bytes(s.PartBytes)).ConfigureAwait(false);
        await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false);
        await s.AbsentAsync(upload.Path).ConfigureAwait(false);
        await s.OnlyLeftAsync().ConfigureAwait(false);
        await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false);
    }

    private static async Task AbortTellsAsync(StoreUnderTest s)
    {
        PartedUpload upload = await s.BeginAsync(s.Path("file"), s.PartBytes).ConfigureAwait(false);
        await s.PartAsync(upload, 1, 0, Sources.Bytes(s.PartBytes)).ConfigureAwait(false);
        Require.That(await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false), "the store says that it left the upload alone");
        Require.That(await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false), "the store says that it left alone what is gone");
    }

    private static async Task AbortedIsGoneAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        StoredPart part = await s.PartAsync(upload, 1, 0, content).ConfigureAwait(false);
        await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.NotFound, () => s.PartAsync(upload, 1, 0, content), "a part of an upload that is gone").ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.NotFound,
            async () => await s.Parts.CompleteAsync(upload, [part], s.Ct).ConfigureAwait(false),
            "completing an upload that is gone").ConfigureAwait(false);
        await s.OnlyLeftAsync().ConfigureAwait(false);
    }

    private static async Task AbortAfterCompleteAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        await s.CompleteAsync(upload, await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false)).ConfigureAwait(false);
        await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }

    private static async Task TwoUploadsAsync(StoreUnderTest s)
    {
        byte[] one = Sources.Bytes(s.PartBytes + 1, seed: 1);
        byte[] two = Sources.Bytes(s.PartBytes + 1, seed: 2);
        PartedUpload first = await s.BeginAsync(s.Path("file"), one.Length).ConfigureAwait(false);
        PartedUpload second = await s.BeginAsync(s.Path("file"), two.Length).ConfigureAwait(false);
        List<StoredPart> ones = await s.PartsAsync(first, one, s.PartBytes).ConfigureAwait(false);
        List<StoredPart> twos = await s.PartsAsync(second, two, s.PartBytes).ConfigureAwait(false);
        await s.CompleteAsync(first, ones).ConfigureAwait(false);
        await s.HoldsAsync(first.Path, one).ConfigureAwait(false);
        await s.CompleteAsync(second, twos).ConfigureAwait(false);
        await s.HoldsAsync(first.Path, two).ConfigureAwait(false);
        await s.OnlyLeftAsync(first.Path).ConfigureAwait(false);
    }

    private static async Task WrongChecksumAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        foreach (ChecksumKind kind in s.Store.ArrivalChecksum!.Kinds)
        {
            var wrong = new Checksum(kind, new byte[Checksum.SizeOf(kind)]);
            await Require.FailsAsync(
                StoreErrorKind.Integrity,
                () => s.PartAsync(upload, 1, 0, content, wrong),
                $"a part with a wrong {Checksum.NameOf(kind)}").ConfigureAwait(false);
        }
    }

    private static async Task RightChecksumAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        foreach (ChecksumKind kind in s.Store.ArrivalChecksum!.Kinds)
        {
            if (KnownChecksums.Of(kind, content) is { } right)
            {
                PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
                StoredPart part = await s.PartAsync(upload, 1, 0, content, right).ConfigureAwait(false);
                await s.CompleteAsync(upload, [part]).ConfigureAwait(false);
                await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
            }
        }
    }

    private static async Task UncheckedChecksumAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        foreach (ChecksumKind kind in Enum.GetValues<ChecksumKind>().Except(s.Store.ArrivalChecksum?.Kinds ?? []))
        {
            Checksum sum = KnownChecksums.Of(kind, content) ?? new Checksum(kind, new byte[Checksum.SizeOf(kind)]);
            await Require.FailsAsync(
                [StoreErrorKind.InvalidRequest, StoreErrorKind.Unsupported],
                () => s.PartAsync(upload, 1, 0, content, sum),
                $"a part with a {Checksum.NameOf(kind)}, which the store does not enforce,").ConfigureAwait(false);
        }
    }

    private static async Task StoredChecksumAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        StoredPart part = await s.PartAsync(upload, 1, 0, content).ConfigureAwait(false);
        IReadOnlyList<StoredPart>? listed = await s.Parts.ListPartsAsync(upload, s.Ct).ConfigureAwait(false);
        foreach (Checksum told in (listed ?? []).Append(part).Select(one => one.Stored).OfType<Checksum>())
        {
            if (KnownChecksums.Of(told.Kind, content) is { } right)
            {
                Require.Same(right, told, "the checksum of a part");
            }
        }
    }

    private static async Task UnpublishedAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes((2 * s.PartBytes) + 1);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
        foreach ((int offset, int length) in new[] { (0, content.Length), (1, s.PartBytes), (s.PartBytes, 10), (content.Length - 1, 1) })
        {
            Stream body = await s.Parts.UnpublishedRead!.OpenRangeAsync(upload, offset, length, s.Ct).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                byte[] read = await s.DrainAsync(body).ConfigureAwait(false);
                Require.SameBytes(content.AsMemory(offset, length), read, $"the unpublished range of {length} at {offset}");
            }
        }
    }

    private static async Task UnpublishedChecksumAsync(StoreUnderTest s)
    {
        IUnpublishedChecksum sums = s.Parts.UnpublishedChecksum!;
        byte[] content = Sources.Bytes((2 * s.PartBytes) + 1);
        string[] names = ["plain", "two words", "-x", "$(x)", "it's"];
        PartedUpload[] uploads = await Task.WhenAll(names.Select(async name =>
        {
            PartedUpload upload = await s.BeginAsync(s.Path(name), content.Length).ConfigureAwait(false);
            await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
            return upload;
        })).ConfigureAwait(false);
        foreach (ChecksumKind kind in sums.Kinds)
        {
            Checksum?[] told = await Task.WhenAll(uploads.Select(upload => sums.GetAsync(upload, kind, s.Ct).AsTask())).ConfigureAwait(false);
            Require.That(told.All(sum => sum is not null), "the store told no checksum of what was just written");
            foreach (Checksum? sum in told)
            {
                Require.Same(KnownChecksums.Of(kind, content) ?? sum, sum, "the checksum of what is not yet published");
            }
        }
    }

    private static async Task ChecksumOfAbortedAsync(StoreUnderTest s)
    {
        IUnpublishedChecksum sums = s.Parts.UnpublishedChecksum!;
        byte[] content = Sources.Bytes(10);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
        await s.Parts.AbortAsync(upload, s.Ct).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.NotFound,
            async () => await sums.GetAsync(upload, sums.Kinds[0], s.Ct).ConfigureAwait(false),
            "the checksum of an upload that was thrown away").ConfigureAwait(false);
    }
}
