using Godwit.Conformance.Stores;
using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

internal static class ReadingFaults
{
    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        new("A file reads back as it was written", s => new AlteredStore(s)
        {
            OpenRead = (path, ct) => Faulty.AlteredBodyAsync(s, path, bytes => [(byte)~bytes[0], .. bytes[1..]], ct),
        }),
        new("An empty file is a file of no bytes", s => new AlteredStore(s)
        {
            Write = (path, source, options, ct) =>
                source.Length == 0 ? ValueTask.FromResult(Faulty.FileAt(path)) : s.WriteAsync(path, source, options, ct),
        }),
        new("A file of some megabytes reads back whole", s => new AlteredStore(s)
        {
            OpenRead = (path, ct) => Faulty.AlteredBodyAsync(s, path, bytes => bytes[..Math.Min(bytes.Length, 4 << 20)], ct),
        }),
        new("Opening a file tells the entry that its bytes belong to", s => new AlteredStore(s)
        {
            OpenRead = async (path, ct) =>
            {
                StoreBody body = await s.OpenReadAsync(path, ct);
                return body with { Entry = body.Entry with { Version = "another" } };
            },
        }),
        new("What is no link points nowhere", s => new AlteredStore(s)
        {
            Stat = async (path, ct) => await s.StatAsync(path, ct) is { } entry ? entry with { LinkTarget = ReadOnlyMemory<byte>.Empty } : null,
        }),
        new("Nothing at a path is told as nothing, not as a failure", s => new AlteredStore(s)
        {
            Stat = async (path, ct) => await s.StatAsync(path, ct) ?? throw Faulty.Error(StoreErrorKind.NotFound),
        }),
        new("Reading what is absent fails as not found", s => new AlteredStore(s)
        {
            OpenRead = (path, ct) => Faulty.InsteadOf(
                StoreErrorKind.NotFound, () => s.OpenReadAsync(path, ct), () => ValueTask.FromResult(Faulty.EmptyBody(path))),
        }),
        new("A directory is not opened as a file", s => new AlteredStore(s)
        {
            OpenRead = (path, ct) => Faulty.InsteadOf(
                StoreErrorKind.Unsupported, () => s.OpenReadAsync(path, ct), () => ValueTask.FromResult(Faulty.EmptyBody(path))),
        }),
        new("A body that is open while its file is replaced never mixes the two", s => new AlteredStore(s)
        {
            OpenRead = async (path, ct) =>
            {
                StoreEntry entry = (await s.StatAsync(path, ct))!;
                byte[] shown = await Faulty.ReadAsync(s, path);
                return new StoreBody(entry, new GatedStream(
                    shown,
                    async (_, _) => (await Faulty.ReadAsync(s, path)).CopyTo(shown, 0),
                    mostAtOnce: 1_000));
            },
        }),
        new("New content of a path has another version", s => new AlteredStore(s)
        {
            Stat = async (path, ct) => await s.StatAsync(path, ct) is { } entry ? entry with { Version = "always" } : null,
        }),
        new("Content of the same length and time has another version", s => new AlteredStore(s)
        {
            Stat = async (path, ct) =>
                await s.StatAsync(path, ct) is { } entry ? entry with { Version = $"{entry.Length}/{entry.Modified}" } : null,
        }),
        new("A range gives exactly its bytes", s => new AlteredStore(s)
        {
            OpenRange = (path, version, offset, length, ct) => s.RangedRead!.OpenRangeAsync(path, version, offset, length + 1, ct),
        }),
        new("A range over the end gives the bytes that there are", s => new AlteredStore(s)
        {
            OpenRange = async (path, version, offset, length, ct) =>
                (await s.StatAsync(path, ct))!.Length < offset + length
                    ? throw Faulty.Error(StoreErrorKind.InvalidRequest)
                    : await s.RangedRead!.OpenRangeAsync(path, version, offset, length, ct),
        }),
        new("A range at or past the end is empty", s => new AlteredStore(s)
        {
            OpenRange = async (path, version, offset, length, ct) =>
                (await s.StatAsync(path, ct))!.Length <= offset
                    ? throw Faulty.Error(StoreErrorKind.InvalidRequest)
                    : await s.RangedRead!.OpenRangeAsync(path, version, offset, length, ct),
        }),
        new("A range of what is absent fails as not found", s => new AlteredStore(s)
        {
            OpenRange = (path, version, offset, length, ct) => Faulty.InsteadOf<Stream>(
                StoreErrorKind.NotFound,
                () => s.RangedRead!.OpenRangeAsync(path, version, offset, length, ct),
                () => ValueTask.FromResult<Stream>(new MemoryStream())),
        }),
        new("A file replaced between two ranges is noticed", s => new AlteredStore(s)
        {
            OpenRange = (path, _, offset, length, ct) => s.RangedRead!.OpenRangeAsync(path, null, offset, length, ct),
        }),
        new("A range's body stays open when the call's token is cancelled afterwards", s => new AlteredStore(s)
        {
            OpenRange = async (path, _, _, _, ct) => new GatedStream(
                await Faulty.ReadAsync(s, path),
                (_, _) => ct.IsCancellationRequested ? throw Faulty.Error(StoreErrorKind.Interrupted) : ValueTask.CompletedTask,
                mostAtOnce: 1_000),
        }),
        new("Looking, listing and reading end at once when cancelled before", s => new AlteredStore(s) { Stat = (path, _) => s.StatAsync(path, default) }),
        new("Setting the time sets the time and leaves the bytes", s => new AlteredStore(s) { SetTime = (_, _, _) => ValueTask.CompletedTask }),
        new("Setting the time of what is absent fails as not found", s => new AlteredStore(s)
        {
            SetTime = (path, time, ct) => Faulty.Hiding(StoreErrorKind.NotFound, () => s.SettableTime!.SetAsync(path, time, ct)),
        }),
        new("Bits beyond the permissions are never taken over", s => new AlteredStore(s)
        {
            Stat = async (path, ct) => await s.StatAsync(path, ct) is { } entry ? entry with { Mode = entry.Mode | 0b100_000_000_000 } : null,
        }),
        new("A checksum that comes with an entry is that of the bytes", s => new AlteredStore(s)
        {
            Stat = async (path, ct) => await s.StatAsync(path, ct) is { } entry ? entry with { Checksums = [Faulty.Zeros] } : null,
        }),
        new("The checksum that the store computed is that of the bytes", s => new AlteredStore(s)
        {
            GetChecksum = (_, _, _) => ValueTask.FromResult<Checksum?>(Faulty.Zeros),
        }),
        new("Checksums that are asked for all at once are each file's own, whatever its name", s => new AlteredStore(s)
        {
            GetChecksum = (path, kind, ct) => path.Bytes.Contains((byte)'\'') ? ValueTask.FromResult<Checksum?>(Faulty.Zeros) : s.StoredChecksum!.GetAsync(path, kind, ct),
        }),
        new("The checksum of what is absent fails as not found", s => new AlteredStore(s)
        {
            GetChecksum = (path, kind, ct) => Faulty.InsteadOf<Checksum?>(
                StoreErrorKind.NotFound, () => s.StoredChecksum!.GetAsync(path, kind, ct), () => ValueTask.FromResult<Checksum?>(null)),
        }),
    ];
}
