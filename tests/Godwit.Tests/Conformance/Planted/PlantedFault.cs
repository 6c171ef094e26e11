using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

/// <summary>A store with one fault, and the sentence that must notice it.</summary>
internal sealed record PlantedFault(string Noticed, Func<IStore, IStore> Plant);

/// <summary>Every planted fault.</summary>
internal static class PlantedFaults
{
    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        .. ReadingFaults.All, .. WritingFaults.All, .. CancellationFaults.All, .. ListingFaults.All, .. NameFaults.All, .. PartFaults.All,
        .. OtherFaults.All,
        .. FetchFaults.All,
        .. PairFaults.All,
    ];
}

/// <summary>Steps that faults share.</summary>
internal static class Faulty
{
    public static WriteSource Memory(byte[] bytes) => WriteSource.From(bytes);

    /// <summary>The bytes of a source, however many were promised; when it fails, what came, and the failure.</summary>
    public static async Task<(byte[] Came, Exception? Failure)> TakeAsync(WriteSource source, CancellationToken ct)
    {
        using var all = new MemoryStream();
        try
        {
            await using Stream stream = await source.OpenAsync(ct);
            await stream.CopyToAsync(all, ct);
            return (all.ToArray(), null);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            return (all.ToArray(), failure);
        }
    }

    public static async Task<byte[]> ReadAsync(IStore store, StorePath path)
    {
        await using StoreBody body = await store.OpenReadAsync(path, default);
        using var all = new MemoryStream();
        await body.Content.CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>The body with its bytes altered.</summary>
    public static async ValueTask<StoreBody> AlteredBodyAsync(IStore store, StorePath path, Func<byte[], byte[]> alter, CancellationToken ct)
    {
        await using StoreBody body = await store.OpenReadAsync(path, ct);
        return new StoreBody(body.Entry, new MemoryStream(alter(await ReadAsync(store, path))));
    }

    /// <summary>Reads what is there and writes it back altered.</summary>
    public static async ValueTask<StoreEntry> RewriteAsync(IStore store, StorePath path, Func<byte[], byte[]> alter) =>
        await store.WriteAsync(path, Memory(alter(await ReadAsync(store, path))), WriteOptions.Default, default);

    public static StorePath Beside(StorePath path, string suffix) =>
        path.Parent.Child([.. path.Name, .. System.Text.Encoding.UTF8.GetBytes(suffix)]);

    public static StoreException Error(StoreErrorKind kind) => new(kind, "A planted fault.");

    /// <summary>The result of a call, or something else where it fails with this kind.</summary>
    public static async ValueTask<T> InsteadOf<T>(StoreErrorKind kind, Func<ValueTask<T>> call, Func<ValueTask<T>> instead)
    {
        try
        {
            return await call();
        }
        catch (StoreException failure) when (failure.Kind == kind)
        {
            return await instead();
        }
    }

    /// <summary>A call whose failure of this kind is hidden.</summary>
    public static async ValueTask Hiding(StoreErrorKind kind, Func<ValueTask> call)
    {
        try
        {
            await call();
        }
        catch (StoreException failure) when (failure.Kind == kind)
        {
        }
    }

    public static StoreEntry FileAt(StorePath path) => new() { Path = path, Kind = EntryKind.File, Version = "planted" };

    public static StoreBody EmptyBody(StorePath path) => new(FileAt(path), new MemoryStream());

    public static Checksum Zeros => new(ChecksumKind.Md5, new byte[16]);
}
