using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

internal static class WritingFaults
{
    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        Writing("A body shorter than promised is refused and leaves nothing", TakesAnyLengthAsync),
        Writing("A body longer than promised is refused and leaves nothing", TakesAnyLengthAsync),
        Writing("A refused body leaves the old content", TakesAnyLengthAsync),
        Writing("A source that breaks midway leaves nothing", KeepsWhatCameAsync),
        Writing("A source that breaks midway leaves the old content", KeepsWhatCameAsync),
        Writing("A write cancelled at its first byte leaves nothing", KeepsWhatCameAsync),
        Writing("A write cancelled in the middle leaves nothing", KeepsWhatCameAsync),
        Writing("A write cancelled at its end leaves nothing", KeepsWhatCameAsync),
        Writing("A write cancelled in the middle leaves the old content", KeepsWhatCameAsync),
        Writing("Nothing of a file is visible while it is being written", BeginsInPlaceAsync),
        Writing("Readers see the old content whole while it is being replaced", BeginsInPlaceAsync),
        Writing("A body that comes in small pieces arrives whole", async (s, path, source, options, ct) =>
        {
            await using Stream stream = await source.OpenAsync(ct);
            var buffer = new byte[source.Length];
            int count = await stream.ReadAsync(buffer, ct);
            return await s.WriteAsync(path, Faulty.Memory(buffer[..count]), options, ct);
        }),
        Writing("Overwriting leaves nothing of a longer old content", async (s, path, source, options, ct) =>
        {
            byte[] old = await s.StatAsync(path, ct) is null ? [] : await Faulty.ReadAsync(s, path);
            byte[] came = (await Faulty.TakeAsync(source, ct)).Came;
            return await s.WriteAsync(path, Faulty.Memory([.. came, .. old.Skip(came.Length)]), options, ct);
        }),
        Writing("Writing returns the entry as the store then tells it", async (s, path, source, options, ct) =>
            await s.WriteAsync(path, source, options, ct) with { Version = null }),
        Writing("Writing makes the missing directories on the way", async (s, path, source, options, ct) =>
            await s.StatAsync(path.Parent, ct) is null
                ? throw Faulty.Error(StoreErrorKind.NotFound)
                : await s.WriteAsync(path, source, options, ct)),
        Writing("A create-only write where nothing is succeeds", (s, path, source, options, ct) =>
            options.CreateOnly ? throw Faulty.Error(StoreErrorKind.AlreadyExists) : s.WriteAsync(path, source, options, ct)),
        Writing("A create-only write over a file is refused and the old content stays", AlwaysReplacesAsync),
        Writing("Of several create-only writers exactly one wins", AlwaysReplacesAsync),
        Writing("A body that does not match its checksum is refused and leaves nothing", IgnoresChecksumAsync),
        Writing("A checksum that the store does not enforce is refused, never ignored", IgnoresChecksumAsync),
        Writing("A body that matches its checksum is taken", (s, path, source, options, ct) =>
            options.Expected is null ? s.WriteAsync(path, source, options, ct) : throw Faulty.Error(StoreErrorKind.Integrity)),
        Writing("A write cancelled before it began has no effect", (s, path, source, options, _) => s.WriteAsync(path, source, options, default)),
        Writing("A write cancelled in the middle leaves nothing, also where its source does not notice", (s, path, source, options, _) =>
            s.WriteAsync(path, source, options, default)),
        Writing("A name that the store cannot hold is refused before anything is read or written", async (s, path, source, options, ct) =>
        {
            await using Stream stream = await source.OpenAsync(ct);
            return await s.WriteAsync(path, source, options, ct);
        }),
        Writing("A file keeps the time it was given, to the store's precision", (s, path, source, _, ct) =>
            s.WriteAsync(path, source, WriteOptions.Default, ct)),
        Writing("A file keeps the mode it was given", (s, path, source, _, ct) => s.WriteAsync(path, source, WriteOptions.Default, ct)),
        Writing("A file is not written over a directory", async (s, path, source, options, ct) =>
            await s.StatAsync(path, ct) is { Kind: EntryKind.Directory } ? Faulty.FileAt(path) : await s.WriteAsync(path, source, options, ct)),
        Writing("A file is not written below a file", (s, path, source, options, ct) => Faulty.InsteadOf(
            StoreErrorKind.Unsupported, () => s.WriteAsync(path, source, options, ct), () => ValueTask.FromResult(Faulty.FileAt(path)))),
        Writing("Writing over a link replaces the link, never what it points to", async (s, path, source, options, ct) =>
            await s.StatAsync(path, ct) is { LinkTarget: { } target }
                ? await s.WriteAsync(path.Parent.Child(target.Span), source, options, ct)
                : await s.WriteAsync(path, source, options, ct)),
        Writing("Of several writers of one name one whole content remains", async (s, path, source, options, ct) =>
        {
            byte[] came = (await Faulty.TakeAsync(source, ct)).Came;
            byte[] old = await s.StatAsync(path, ct) is null ? [] : await Faulty.ReadAsync(s, path);
            return await s.WriteAsync(path, Faulty.Memory([.. came.Take(came.Length / 2), .. old.Skip(came.Length / 2)]), options, ct);
        }),
        Writing("Two writers that overlap leave the content of one of them", async (s, path, source, options, ct) =>
        {
            StoreEntry? before = await s.StatAsync(path, ct);
            byte[] came = (await Faulty.TakeAsync(source, ct)).Came;
            StoreEntry? after = await s.StatAsync(path, ct);
            byte[] other = after is null || after.Version == before?.Version ? came : await Faulty.ReadAsync(s, path);
            return await s.WriteAsync(path, Faulty.Memory([.. came.Take(came.Length / 2), .. other.Skip(came.Length / 2)]), options, ct);
        }),
        new("Many files written at once arrive each with its own content", s =>
        {
            WriteSource? last = null;
            return new AlteredStore(s)
            {
                Write = (path, source, options, ct) =>
                {
                    WriteSource other = Interlocked.Exchange(ref last, source) ?? source;
                    return s.WriteAsync(path, path.Name[^1] == '7' ? other : source, options, ct);
                },
            };
        }),
    ];

    private delegate ValueTask<StoreEntry> WriteAsync(
        IStore inner, StorePath path, WriteSource source, WriteOptions options, CancellationToken ct);

    private static PlantedFault Writing(string noticed, WriteAsync writeAsync) =>
        new(noticed, s => new AlteredStore(s) { Write = (path, source, options, ct) => writeAsync(s, path, source, options, ct) });

    private static async ValueTask<StoreEntry> TakesAnyLengthAsync(
        IStore s, StorePath path, WriteSource source, WriteOptions options, CancellationToken ct) =>
        await s.WriteAsync(path, Faulty.Memory((await Faulty.TakeAsync(source, ct)).Came), options, ct);

    private static async ValueTask<StoreEntry> KeepsWhatCameAsync(
        IStore s, StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        (byte[] came, Exception? failure) = await Faulty.TakeAsync(source, ct);
        StoreEntry entry = await s.WriteAsync(path, Faulty.Memory(came), options, default);
        return failure is null ? entry : throw failure;
    }

    private static async ValueTask<StoreEntry> BeginsInPlaceAsync(
        IStore s, StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        await s.WriteAsync(path, Faulty.Memory([]), options, ct);
        return await s.WriteAsync(path, source, options, ct);
    }

    private static ValueTask<StoreEntry> AlwaysReplacesAsync(
        IStore s, StorePath path, WriteSource source, WriteOptions options, CancellationToken ct) =>
        s.WriteAsync(path, source, options with { CreateOnly = false }, ct);

    private static ValueTask<StoreEntry> IgnoresChecksumAsync(
        IStore s, StorePath path, WriteSource source, WriteOptions options, CancellationToken ct) =>
        s.WriteAsync(path, source, options with { Expected = null }, ct);
}
