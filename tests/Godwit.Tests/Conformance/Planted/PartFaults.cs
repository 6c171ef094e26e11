using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

internal static class PartFaults
{
    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        new("Parts in any order and several at once make the whole file", s =>
        {
            var arrived = new List<byte>();
            return new AlteredStore(s)
            {
                WritePart = async (upload, number, offset, source, expected, ct) =>
                {
                    arrived.AddRange((await Faulty.TakeAsync(source, ct)).Came);
                    return await s.PartedWrite!.WritePartAsync(upload, number, offset, source, expected, ct);
                },
                Complete = (upload, _, ct) => s.WriteAsync(upload.Path, Faulty.Memory([.. arrived]), WriteOptions.Default, ct),
            };
        }),
        Completing("A file of one byte over the part size arrives whole", async (s, upload, parts, ct) =>
        {
            await s.PartedWrite!.CompleteAsync(upload, parts, ct);
            return await Faulty.RewriteAsync(s, upload.Path, bytes => bytes[..^1]);
        }),
        Completing("An empty file is published from no parts", (s, upload, parts, ct) =>
            parts.Count == 0 ? throw Faulty.Error(StoreErrorKind.Integrity) : s.PartedWrite!.CompleteAsync(upload, parts, ct)),
        Completing("Completion returns the entry as the store then tells it", async (s, upload, parts, ct) =>
            await s.PartedWrite!.CompleteAsync(upload, parts, ct) with { Version = null }),
        Beginning("A file of unknown length is made of parts of any size that the limits allow", KnowsLengths),
        Beginning("Nothing is visible before completion", async (s, path, tag, length, options, ct) =>
        {
            await s.WriteAsync(path, Faulty.Memory([]), WriteOptions.Default, ct);
            return await s.PartedWrite!.BeginAsync(path, tag, length, options, ct);
        }),
        Beginning("The old content stays until completion and is then replaced", async (s, path, tag, length, options, ct) =>
        {
            await s.DeleteAsync(path, ct);
            return await s.PartedWrite!.BeginAsync(path, tag, length, options, ct);
        }),
        Beginning("A tag that is not letters and digits is refused", (s, path, tag, length, options, ct) =>
            s.PartedWrite!.BeginAsync(path, string.Concat(("t" + tag).Where(char.IsAsciiLetterOrDigit).Take(32)), length, options, ct)),
        Beginning("A create-only completion over a file is refused, the old content stays", Replaces),
        Beginning("Of several create-only completions exactly one wins", Replaces),
        Beginning("A file written by parts keeps the time it was given", Replaces),
        Beginning("A file written by parts keeps the mode it was given", Replaces),
        Beginning("Beginning twice with one tag gives one upload", (s, path, _, length, options, ct) =>
            s.PartedWrite!.BeginAsync(path, Guid.NewGuid().ToString("N"), length, options, ct)),
        Beginning("Two uploads of one path do not disturb each other", (s, path, _, length, options, ct) =>
            s.PartedWrite!.BeginAsync(path, "same", length, options, ct)),
        Beginning("A name that the store cannot hold is refused before an upload by parts begins", (s, path, tag, length, options, ct) =>
            Faulty.InsteadOf(
                StoreErrorKind.InvalidRequest,
                () => s.PartedWrite!.BeginAsync(path, tag, length, options, ct),
                () => ValueTask.FromResult(new PartedUpload(path, tag, "none")))),
        new("Completing with a part that was never written fails and publishes nothing", s => new AlteredStore(s)
        {
            Begin = (path, tag, _, options, ct) => s.PartedWrite!.BeginAsync(path, tag, null, options, ct),
            Complete = (upload, parts, ct) => s.PartedWrite!.CompleteAsync(upload, [parts[0]], ct),
        }),
        Beginning("Completing with a part left out fails and publishes nothing", (s, path, tag, _, options, ct) =>
            s.PartedWrite!.BeginAsync(path, tag, null, options, ct)),
        new("The same part number again replaces the part", s =>
        {
            var first = new Dictionary<int, StoredPart>();
            return new AlteredStore(s)
            {
                WritePart = async (upload, number, offset, source, expected, ct) => first.TryGetValue(number, out StoredPart? kept)
                    ? kept
                    : first[number] = await s.PartedWrite!.WritePartAsync(upload, number, offset, source, expected, ct),
            };
        }),
        WritingPart("A part shorter or longer than promised is refused", KeepsWhatCameAsync),
        WritingPart("A part whose source breaks midway can be written again", KeepsWhatCameAsync),
        WritingPart("A part number outside the limits is refused", (s, upload, number, offset, source, expected, ct) =>
            s.PartedWrite!.WritePartAsync(upload, Math.Clamp(number, 1, 10_000), offset, source, expected, ct)),
        WritingPart("A part that does not match its checksum is refused", IgnoresChecksum),
        WritingPart("A checksum of a part that the store does not enforce is refused, never ignored", IgnoresChecksum),
        WritingPart("A part that matches its checksum is taken", (s, upload, number, offset, source, expected, ct) =>
            expected is null
                ? s.PartedWrite!.WritePartAsync(upload, number, offset, source, null, ct)
                : throw Faulty.Error(StoreErrorKind.Integrity)),
        WritingPart("The checksum that the store tells of a part is that of its bytes", async (s, upload, number, offset, source, expected, ct) =>
            await s.PartedWrite!.WritePartAsync(upload, number, offset, source, expected, ct) with { Stored = Faulty.Zeros }),
        WritingPart("A part cancelled at its first byte is not there and can be written again", KeepsCancelledAsync),
        WritingPart("A part cancelled in the middle is not there and can be written again", KeepsCancelledAsync),
        WritingPart("A part cancelled at its end is not there and can be written again", KeepsCancelledAsync),
        WritingPart("An upload cancelled in its last part and thrown away leaves nothing", async (s, upload, number, offset, source, _, ct) =>
        {
            await s.WriteAsync(Faulty.Beside(upload.Path, $".{number}"), Faulty.Memory([]), WriteOptions.Default, ct);
            return await s.PartedWrite!.WritePartAsync(upload, number, offset, source, null, ct);
        }),
        new("Throwing an upload away leaves nothing, and twice is success", s => new AlteredStore(s)
        {
            Abort = async (upload, ct) =>
            {
                await s.PartedWrite!.ListPartsAsync(upload, ct);
                return await s.PartedWrite.AbortAsync(upload, ct);
            },
        }),
        new("Throwing an upload away tells that it is gone", s => new AlteredStore(s)
        {
            Abort = async (upload, ct) => !await s.PartedWrite!.AbortAsync(upload, ct),
        }),
        new("An upload that was thrown away takes no part and is not published", s => new AlteredStore(s) { Abort = (_, _) => ValueTask.FromResult(true) }),
        new("Throwing away an upload that was published leaves the file", s => new AlteredStore(s) { Abort = DeletingOf(s) }),
        new("What is not yet published reads as it would be", s => new AlteredStore(s)
        {
            OpenUnpublished = (upload, offset, length, ct) =>
                s.PartedWrite!.UnpublishedRead!.OpenRangeAsync(upload, offset + 1, length, ct),
        }),
        new("The checksum of what is not yet published is that of its bytes", s => new AlteredStore(s)
        {
            GetUnpublishedChecksum = (_, _, _) => ValueTask.FromResult<Checksum?>(Faulty.Zeros),
        }),
        new("The checksum of an upload that was thrown away fails as not found", s => new AlteredStore(s)
        {
            GetUnpublishedChecksum = (upload, kind, ct) => Faulty.InsteadOf<Checksum?>(
                StoreErrorKind.NotFound, () => s.PartedWrite!.UnpublishedChecksum!.GetAsync(upload, kind, ct), () => ValueTask.FromResult<Checksum?>(null)),
        }),
        new("The uploads under way below a directory are listed, and no others", s => new AlteredStore(s)
        {
            ListUploads = (_, position, ct) => s.PartedWrite!.UploadListing!.ListAsync(StorePath.Root, position, ct),
        }),
        Resuming("An upload is resumed by its path, tag and id, and goes on", (_, id, _, resumed) => id is null ? resumed : null),
        Resuming("An upload whose answer was lost is resumed by its path and tag", (_, id, _, resumed) => id is null ? null : resumed),
        Resuming("An upload of unknown length is resumed and goes on", (_, _, length, resumed) => length is null ? null : resumed),
        Resuming("An upload that is gone is resumed as nothing", (path, id, _, resumed) => resumed ?? new PartedUpload(path, "t", id ?? "i")),
        Resuming("An upload is not resumed by another's tag", (path, _, _, resumed) => resumed ?? new PartedUpload(path, "t", "another")),
        new("The parts that a store lists are those that were written", s => new AlteredStore(s)
        {
            ListParts = async (upload, ct) => [.. (await s.PartedWrite!.ListPartsAsync(upload, ct))!.Skip(1)],
        }),
        new("Uploads are made durable, resumed ones too", s =>
        {
            int calls = 0;
            return new AlteredStore(s)
            {
                SyncUploads = (_, _) => calls++ == 0 ? ValueTask.CompletedTask : throw Faulty.Error(StoreErrorKind.NotFound),
            };
        }),
    ];

    private delegate ValueTask<PartedUpload> BeginAsync(
        IStore inner, StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct);

    private delegate ValueTask<StoredPart> PartAsync(
        IStore inner, PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct);

    private delegate ValueTask<StoreEntry> CompleteAsync(
        IStore inner, PartedUpload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct);

    private static PlantedFault Beginning(string noticed, BeginAsync beginAsync) =>
        new(noticed, s => new AlteredStore(s) { Begin = (path, tag, length, options, ct) => beginAsync(s, path, tag, length, options, ct) });

    private static PlantedFault WritingPart(string noticed, PartAsync partAsync) => new(noticed, s => new AlteredStore(s)
    {
        WritePart = (upload, number, offset, source, expected, ct) => partAsync(s, upload, number, offset, source, expected, ct),
    });

    private static PlantedFault Completing(string noticed, CompleteAsync completeAsync) =>
        new(noticed, s => new AlteredStore(s) { Complete = (upload, parts, ct) => completeAsync(s, upload, parts, ct) });

    private static PlantedFault Resuming(string noticed, Func<StorePath, string?, long?, PartedUpload?, PartedUpload?> alter) =>
        new(noticed, s => new AlteredStore(s)
        {
            Resume = async (path, tag, id, length, options, ct) =>
                alter(path, id, length, await s.PartedWrite!.ResumeAsync(path, tag, id, length, options, ct)),
        });

    private static Func<PartedUpload, CancellationToken, ValueTask<bool>> DeletingOf(IStore s) => async (upload, ct) =>
    {
        await s.DeleteAsync(upload.Path, ct);
        return true;
    };

    private static ValueTask<PartedUpload> KnowsLengths(
        IStore s, StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct) =>
        length is null ? throw Faulty.Error(StoreErrorKind.InvalidRequest) : s.PartedWrite!.BeginAsync(path, tag, length, options, ct);

    private static ValueTask<PartedUpload> Replaces(
        IStore s, StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct) =>
        s.PartedWrite!.BeginAsync(path, tag, length, WriteOptions.Default, ct);

    private static async ValueTask<StoredPart> KeepsWhatCameAsync(
        IStore s, PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct) =>
        await s.PartedWrite!.WritePartAsync(
            upload, number, offset, Faulty.Memory((await Faulty.TakeAsync(source, ct)).Came), expected, ct);

    private static async ValueTask<StoredPart> KeepsCancelledAsync(
        IStore s, PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct)
    {
        (byte[] came, Exception? failure) = await Faulty.TakeAsync(source, ct);
        StoredPart part = await s.PartedWrite!.WritePartAsync(upload, number, offset, Faulty.Memory(came), expected, default);
        return failure is null ? part : throw failure;
    }

    private static ValueTask<StoredPart> IgnoresChecksum(
        IStore s, PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct) =>
        s.PartedWrite!.WritePartAsync(upload, number, offset, source, null, ct);
}
