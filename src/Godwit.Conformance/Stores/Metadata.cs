using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about what a file carries beside its bytes.</summary>
internal static class Metadata
{
    private static readonly Timestamp[] s_times =
    [
        new(1_234_567_890_123_456_789), new(1_600_000_000_000_000_000), new(1_000_000_001), new(-86_400_000_000_001),
    ];

    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("A file keeps the time it was given, to the store's precision", KeepsTimeAsync, "times of files", KeepsTimes),
        new("A file written by parts keeps the time it was given", PartsKeepTimeAsync, "PartedWrite and times of files", s => KeepsTimes(s) && s.PartedWrite is not null),
        new("A file keeps the mode it was given", KeepsModeAsync, "modes of files", KeepsModes),
        new("A file written by parts keeps the mode it was given", PartsKeepModeAsync, "PartedWrite and modes of files", s => KeepsModes(s) && s.PartedWrite is not null),
        new("Bits beyond the permissions are never taken over", NoSpecialBitsAsync, "modes of files", KeepsModes),
        new("Setting the time sets the time and leaves the bytes", SetTimeAsync, nameof(IStore.SettableTime)),
        new("Setting the time of what is absent fails as not found", SetTimeOfAbsentAsync, nameof(IStore.SettableTime)),
    ];

    private static bool KeepsTimes(IStore store) => store.Limits.TimePrecision > 0;

    private static bool KeepsModes(IStore store) => store.Limits.KeepsMode;

    private static WriteOptions With(Timestamp? modified = null, int? mode = null) =>
        new() { Metadata = new WriteMetadata { Modified = modified, Mode = mode } };

    private static async Task KeepsTimeAsync(StoreUnderTest s)
    {
        foreach (Timestamp time in s_times)
        {
            StoreEntry returned = await s.WriteAsync("file", Sources.Bytes(10), With(time)).ConfigureAwait(false);
            await RequireTimeAsync(s, time, returned).ConfigureAwait(false);
        }
    }

    private static async Task PartsKeepTimeAsync(StoreUnderTest s)
    {
        StoreEntry returned = await s.WriteByPartsAsync(
            s.Path("file"), Sources.Bytes(s.PartBytes + 1), s.PartBytes, With(s_times[0])).ConfigureAwait(false);
        await RequireTimeAsync(s, s_times[0], returned).ConfigureAwait(false);
    }

    private static async Task RequireTimeAsync(StoreUnderTest s, Timestamp given, StoreEntry returned)
    {
        Timestamp kept = s.Store.Limits.Kept(given);
        Require.Same(kept, returned.Modified, "the returned time");
        Require.Same(kept, (await s.PresentAsync(returned.Path).ConfigureAwait(false)).Modified, "the time");
    }

    private static async Task KeepsModeAsync(StoreUnderTest s)
    {
        foreach (int mode in new[] { 0b110_100_000, 0b111_111_111, 0b100_000_000, 0b111_101_101 })
        {
            await s.WriteAsync("file", Sources.Bytes(10), With(mode: mode)).ConfigureAwait(false);
            Require.Same(mode, (await s.PresentAsync(s.Path("file")).ConfigureAwait(false)).Mode, "the mode");
        }
    }

    private static async Task PartsKeepModeAsync(StoreUnderTest s)
    {
        const int mode = 0b110_100_000;
        await s.WriteByPartsAsync(
            s.Path("file"), Sources.Bytes(s.PartBytes + 1), s.PartBytes, With(mode: mode)).ConfigureAwait(false);
        Require.Same(mode, (await s.PresentAsync(s.Path("file")).ConfigureAwait(false)).Mode, "the mode");
    }

    private static async Task NoSpecialBitsAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10), With(mode: 0b111_111_101_101)).ConfigureAwait(false);
        int? mode = (await s.PresentAsync(s.Path("file")).ConfigureAwait(false)).Mode;
        Require.That((mode & 0b111_000_000_000) is 0, "a bit beyond the permissions was taken over");
    }

    private static async Task SetTimeAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(100);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        foreach (Timestamp time in s_times)
        {
            await s.Store.SettableTime!.SetAsync(s.Path("file"), time, s.Ct).ConfigureAwait(false);
            StoreEntry entry = await s.PresentAsync(s.Path("file")).ConfigureAwait(false);
            Require.Same(s.Store.Limits.Kept(time), entry.Modified, "the time");
            await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
        }
    }

    private static async Task SetTimeOfAbsentAsync(StoreUnderTest s) => await Require.FailsAsync(
        StoreErrorKind.NotFound,
        async () => await s.Store.SettableTime!.SetAsync(s.Path("absent"), s_times[0], s.Ct).ConfigureAwait(false),
        "setting the time of what is absent").ConfigureAwait(false);
}
