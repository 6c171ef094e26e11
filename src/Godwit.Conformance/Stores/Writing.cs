using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about writing whole files.</summary>
internal static class Writing
{
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("A body shorter than promised is refused and leaves nothing", s => WrongLengthAsync(s, 101)),
        new("A body longer than promised is refused and leaves nothing", s => WrongLengthAsync(s, 99)),
        new("A refused body leaves the old content", RefusedKeepsOldAsync),
        new("A source that breaks midway leaves nothing", BreakingAsync),
        new("A source that breaks midway leaves the old content", BreakingKeepsOldAsync),
        new("Nothing of a file is visible while it is being written", NotYetVisibleAsync),
        new("A body that comes in small pieces arrives whole", DribblingAsync),
        new("Overwriting leaves nothing of a longer old content", OverwritingAsync),
        new("Writing returns the entry as the store then tells it", ReturnsEntryAsync),
        new("Writing makes the missing directories on the way", MissingDirectoriesAsync),
        new("A create-only write where nothing is succeeds", CreateOnlyAsync),
        new("A create-only write over a file is refused and the old content stays", CreateOnlyRefusedAsync),
        new("A body that does not match its checksum is refused and leaves nothing", WrongChecksumAsync, nameof(IStore.ArrivalChecksum)),
        new("A body that matches its checksum is taken", RightChecksumAsync, nameof(IStore.ArrivalChecksum)),
        new("A checksum that the store does not enforce is refused, never ignored", UncheckedChecksumAsync),
        new("The checksum that the store computed is that of the bytes", StoredChecksumAsync, nameof(IStore.StoredChecksum)),
        new("Checksums that are asked for all at once are each file's own, whatever its name", ChecksumsAtOnceAsync, nameof(IStore.StoredChecksum)),
        new("The checksum of what is absent fails as not found", ChecksumOfAbsentAsync, nameof(IStore.StoredChecksum)),
        new("A checksum that comes with an entry is that of the bytes", EntryChecksumAsync),
    ];

    private static async Task WrongLengthAsync(StoreUnderTest s, int promised)
    {
        foreach (WriteSource liar in new[]
        {
            Sources.Stream(Sources.Bytes(100), promised), WriteSource.From(Sources.Bytes(100)) with { Length = promised },
        })
        {
            await Require.FailsAsync(
                StoreErrorKind.Integrity,
                async () => await s.Store.WriteAsync(s.Path("file"), liar, WriteOptions.Default, s.Ct).ConfigureAwait(false),
                $"a body of 100 bytes where {promised} were promised").ConfigureAwait(false);
            await s.AbsentAsync(s.Path("file")).ConfigureAwait(false);
            await s.OnlyLeftAsync().ConfigureAwait(false);
        }
    }

    private static async Task RefusedKeepsOldAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(100, seed: 1);
        await s.WriteAsync("file", old).ConfigureAwait(false);
        foreach (int promised in new[] { 49, 51 })
        {
            await Require.FailsAsync(
                StoreErrorKind.Integrity,
                async () => await s.Store.WriteAsync(
                    s.Path("file"), Sources.Stream(Sources.Bytes(50, seed: 2), promised), WriteOptions.Default, s.Ct).ConfigureAwait(false),
                $"a body of 50 bytes where {promised} were promised").ConfigureAwait(false);
            await s.HoldsAsync(s.Path("file"), old).ConfigureAwait(false);
        }

        await s.OnlyLeftAsync(s.Path("file")).ConfigureAwait(false);
    }

    private static async Task BreakingAsync(StoreUnderTest s)
    {
        await BreakAsync(s).ConfigureAwait(false);
        await s.AbsentAsync(s.Path("file")).ConfigureAwait(false);
        await s.OnlyLeftAsync().ConfigureAwait(false);
    }

    private static async Task BreakingKeepsOldAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(100, seed: 3);
        await s.WriteAsync("file", old).ConfigureAwait(false);
        await BreakAsync(s).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), old).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("file")).ConfigureAwait(false);
    }

    private static async Task BreakAsync(StoreUnderTest s)
    {
        try
        {
            await s.Store.WriteAsync(
                s.Path("file"), Sources.Breaking(Sources.Bytes(100_000)), WriteOptions.Default, s.Ct).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The source's own error or a store's error about it: which of the two is not promised.
            return;
        }

        throw new StoreCheckFailedException("a write from a broken source succeeded");
    }

    private static async Task NotYetVisibleAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(100_000, seed: 2);
        StorePath path = s.Path("file");
        bool looked = false;
        await s.Store.WriteAsync(path, Sources.Gated(content, LookAsync), WriteOptions.Default, s.Ct).ConfigureAwait(false);
        Require.That(looked, "the store did not read its source to the middle");
        await s.HoldsAsync(path, content).ConfigureAwait(false);

        async ValueTask LookAsync(long given, CancellationToken ct)
        {
            if (given >= content.Length / 2)
            {
                looked = true;
                await s.AbsentAsync(path).ConfigureAwait(false);
            }
        }
    }

    private static async Task DribblingAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(1_000);
        await s.Store.WriteAsync(s.Path("file"), Sources.Dribbling(content), WriteOptions.Default, s.Ct).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
    }

    private static async Task OverwritingAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(1_000, seed: 1)).ConfigureAwait(false);
        byte[] shorter = Sources.Bytes(10, seed: 2);
        await s.WriteAsync("file", shorter).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), shorter).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("file")).ConfigureAwait(false);
    }

    private static async Task ReturnsEntryAsync(StoreUnderTest s)
    {
        StoreEntry returned = await s.WriteAsync("file", Sources.Bytes(10)).ConfigureAwait(false);
        StoreEntry told = await s.PresentAsync(s.Path("file")).ConfigureAwait(false);
        Require.Same(told.Path, returned.Path, "the returned path");
        Require.Same(told.Kind, returned.Kind, "the returned kind");
        Require.Same(told.Length, returned.Length, "the returned length");
        Require.Same(told.Version, returned.Version, "the returned version");
        Require.Same(told.Modified, returned.Modified, "the returned time");
    }

    private static async Task MissingDirectoriesAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("one/two/three/file", content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("one/two/three/file"), content).ConfigureAwait(false);
    }

    private static async Task CreateOnlyAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("file", content, new WriteOptions { CreateOnly = true }).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
    }

    private static async Task CreateOnlyRefusedAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(10, seed: 1);
        await s.WriteAsync("file", old).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.AlreadyExists,
            () => s.WriteAsync("file", Sources.Bytes(10, seed: 2), new WriteOptions { CreateOnly = true }),
            "a create-only write over a file").ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), old).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("file")).ConfigureAwait(false);
    }

    private static async Task WrongChecksumAsync(StoreUnderTest s)
    {
        foreach (ChecksumKind kind in s.Store.ArrivalChecksum!.Kinds)
        {
            var wrong = new Checksum(kind, new byte[Checksum.SizeOf(kind)]);
            await Require.FailsAsync(
                StoreErrorKind.Integrity,
                () => s.WriteAsync("file", Sources.Bytes(100), new WriteOptions { Expected = wrong }),
                $"a body with a wrong {Checksum.NameOf(kind)}").ConfigureAwait(false);
            await s.AbsentAsync(s.Path("file")).ConfigureAwait(false);
            await s.OnlyLeftAsync().ConfigureAwait(false);
        }
    }

    private static async Task RightChecksumAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(100);
        foreach (ChecksumKind kind in s.Store.ArrivalChecksum!.Kinds)
        {
            if (KnownChecksums.Of(kind, content) is { } right)
            {
                await s.WriteAsync("file", content, new WriteOptions { Expected = right }).ConfigureAwait(false);
                await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
            }
        }
    }

    private static async Task UncheckedChecksumAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(100);
        foreach (ChecksumKind kind in Enum.GetValues<ChecksumKind>().Except(s.Store.ArrivalChecksum?.Kinds ?? []))
        {
            Checksum sum = KnownChecksums.Of(kind, content) ?? new Checksum(kind, new byte[Checksum.SizeOf(kind)]);
            await Require.FailsAsync(
                [StoreErrorKind.InvalidRequest, StoreErrorKind.Unsupported],
                () => s.WriteAsync("file", content, new WriteOptions { Expected = sum }),
                $"a write with a {Checksum.NameOf(kind)}, which the store does not enforce,").ConfigureAwait(false);
            await s.AbsentAsync(s.Path("file")).ConfigureAwait(false);
        }
    }

    private static async Task StoredChecksumAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(1_000);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        bool told = false;
        foreach (ChecksumKind kind in s.Store.StoredChecksum!.Kinds)
        {
            Checksum? sum = await s.Store.StoredChecksum.GetAsync(s.Path("file"), kind, s.Ct).ConfigureAwait(false);
            told |= sum is not null;
            RequireRight(sum, kind, content);
        }

        Require.That(told, "the store told no checksum of a file that was just written");
    }

    private static async Task ChecksumsAtOnceAsync(StoreUnderTest s)
    {
        byte[][] names =
        [
            "plain"u8.ToArray(), "two words"u8.ToArray(), "two\nlines"u8.ToArray(), "back\\slash"u8.ToArray(), "-rf"u8.ToArray(), "$(reboot)"u8.ToArray(),
            "it's"u8.ToArray(), "*"u8.ToArray(), "carriage\rreturn"u8.ToArray(), "d41d8cd98f00b204e9800998ecf8427e  plain"u8.ToArray(), [(byte)'x', 0xff],
        ];
        StorePath[] paths = [.. names.Select(name => s.At.Child(name)).Where(path => s.Store.Limits.Refuses(s.Store.Identity.Absolute(path)) is null)];
        foreach (StorePath path in paths)
        {
            await s.WriteAsync(path, path.Bytes.ToArray()).ConfigureAwait(false);
        }

        IStoredChecksum stored = s.Store.StoredChecksum!;
        Checksum?[] told = await Task.WhenAll(paths.Select(path => stored.GetAsync(path, stored.Kinds[0], s.Ct).AsTask())).ConfigureAwait(false);
        foreach ((StorePath path, Checksum? sum) in paths.Zip(told))
        {
            RequireRight(sum, stored.Kinds[0], path.Bytes.ToArray());
        }
    }

    private static async Task ChecksumOfAbsentAsync(StoreUnderTest s) => await Require.FailsAsync(
        StoreErrorKind.NotFound,
        async () => await s.Store.StoredChecksum!.GetAsync(
            s.Path("absent"), s.Store.StoredChecksum.Kinds[0], s.Ct).ConfigureAwait(false),
        "the checksum of what is absent").ConfigureAwait(false);

    private static async Task EntryChecksumAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(1_000);
        StoreEntry returned = await s.WriteAsync("file", content).ConfigureAwait(false);
        StoreEntry told = await s.PresentAsync(s.Path("file")).ConfigureAwait(false);
        List<StoreEntry> listed = await s.ListAsync(s.At).ConfigureAwait(false);
        foreach (Checksum sum in listed.Append(returned).Append(told).SelectMany(entry => entry.Checksums))
        {
            RequireRight(sum, sum.Kind, content);
        }
    }

    private static void RequireRight(Checksum? sum, ChecksumKind kind, byte[] content)
    {
        if (sum is { } told && KnownChecksums.Of(kind, content) is { } right)
        {
            Require.Same(right, told, "the checksum");
        }
    }
}
