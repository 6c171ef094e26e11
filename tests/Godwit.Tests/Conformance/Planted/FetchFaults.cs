using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

/// <summary>Faults of files that a store fetches from another one.</summary>
internal static class FetchFaults
{
    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        Pulling("A fetched file has the bytes of its source, which stays", async (s, from, upload, _) =>
        {
            byte[] content = await Faulty.ReadAsync(s, from);
            content[^1] ^= 1;
            return await s.PartedWrite!.WritePartAsync(upload, 1, 0, Faulty.Memory(content), null, default);
        }),
        Pulling("Nothing is visible of a fetched file before it is published", async (s, from, upload, ct) =>
        {
            StoredPart part = await PullAsync(s, from, upload, ct);
            await s.WriteAsync(upload.Path, Faulty.Memory(await Faulty.ReadAsync(s, from)), WriteOptions.Default, ct);
            return part;
        }),
        Pulling("What is fetched again replaces what the upload held", async (s, from, upload, ct) =>
            await s.PartedWrite!.ListPartsAsync(upload, ct) is [{ } first] ? first with { Offset = 0 } : await PullAsync(s, from, upload, ct)),
        Pulling("Fetching what is absent fails as not found", async (s, from, upload, ct) => await s.StatAsync(from, ct) is null
            ? await s.PartedWrite!.WritePartAsync(upload, 1, 0, Faulty.Memory([]), null, ct)
            : await PullAsync(s, from, upload, ct)),
        Pulling("Fetching into an upload that was thrown away fails as not found and makes nothing", async (s, from, upload, ct) =>
        {
            if (await s.PartedWrite!.ResumeAsync(upload.Path, upload.Tag, null, null, WriteOptions.Default, ct) is null)
            {
                await s.WriteAsync(upload.Path, Faulty.Memory([]), WriteOptions.Default, ct);
            }

            return await PullAsync(s, from, upload, ct);
        }),
        new("A fetch cancelled before it began has no effect", s => new AlteredStore(s)
        {
            Pull = async (source, from, upload, progress, ct) =>
            {
                StoredPart part = await s.ThirdPartyCopy!.PullAsync(source, from, upload, progress, default);
                ct.ThrowIfCancellationRequested();
                return part;
            },
        }),
    ];

    private static PlantedFault Pulling(string noticed, Func<IStore, StorePath, PartedUpload, CancellationToken, ValueTask<StoredPart>> pullAsync) =>
        new(noticed, s => new AlteredStore(s) { Pull = (_, from, upload, _, ct) => pullAsync(s, from, upload, ct) });

    private static ValueTask<StoredPart> PullAsync(IStore store, StorePath from, PartedUpload upload, CancellationToken ct) =>
        store.ThirdPartyCopy!.PullAsync(store.ThirdPartySource!, from, upload, null, ct);
}
