using System.Globalization;
using Godwit.Storage;

namespace Godwit.Benchmarks;

/// <summary>A store that holds as many files as one says and keeps none: its listing is computed page by page. For plans that are larger
/// than any disk at hand.</summary>
/// <param name="files">How many files, a multiple of a thousand.</param>
/// <param name="spread">A thousand to a directory, in order; otherwise all in one directory, in no order.</param>
internal sealed class GeneratedStore(long files, bool spread) : IStore
{
    private const int PageEntries = 1_000;

    // Has no factor in common with a multiple of a thousand: steps of this size meet every number once.
    private const long Stride = 7_368_787;

    public StoreIdentity Identity { get; } = new("generated", "benchmark", StorePath.Root);

    public StoreLimits Limits { get; } = new();

    public IRangedRead? RangedRead => null;

    public IPartedWrite? PartedWrite => null;

    public IFlatListing? FlatListing => null;

    public IDirectories? Directories => null;

    public ILinks? Links => null;

    public IBulkDelete? BulkDelete => null;

    public IServerCopy? ServerCopy => null;

    public IThirdPartyCopy? ThirdPartyCopy => null;

    public IStoredChecksum? StoredChecksum => null;

    public IArrivalChecksum? ArrivalChecksum => null;

    public IRename? Rename => null;

    public IFreeSpace? FreeSpace => null;

    public ISettableTime? SettableTime => null;

    public IDurability? Durability => null;

    public IDiagnosis? Diagnosis => null;

    private long DirectoriesInAll => files / PageEntries;

    public ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct) => ValueTask.FromResult<StoreEntry?>(
        new StoreEntry { Path = path, Kind = EntryKind.Directory });

    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        long from = (position as From)?.Number ?? 0;
        return ValueTask.FromResult(!spread ? Page(from, files, i => FileAt(directory, i * Stride % files))
            : directory.IsRoot ? Page(from, DirectoriesInAll, DirectoryAt)
            : Page(from, PageEntries, i => FileAt(directory, i)));
    }

    public ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct) => throw Keeps();

    public ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct) => throw Keeps();

    public ValueTask DeleteAsync(StorePath path, CancellationToken ct) => throw Keeps();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static StorePage Page(long from, long all, Func<long, StoreEntry> entryAt)
    {
        long end = Math.Min(from + PageEntries, all);
        var entries = new List<StoreEntry>((int)(end - from));
        for (long i = from; i < end; i++)
        {
            entries.Add(entryAt(i));
        }

        return new StorePage(entries, end < all ? new From(end) : null);
    }

    private static StoreEntry DirectoryAt(long number) => new() { Path = Named("d", number), Kind = EntryKind.Directory };

    private static StoreEntry FileAt(StorePath directory, long number) => new()
    {
        Path = directory.Join(Named("night-2026-11-22-exposure-", number)),
        Kind = EntryKind.File,
        Length = number,
        Modified = new Timestamp(1_700_000_000_000_000_000 + number),
    };

    private static StorePath Named(string prefix, long number) => StorePath.FromText(string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:d9}"));

    private static StoreException Keeps() => new(StoreErrorKind.Unsupported, "A generated store only lists.");

    private sealed class From(long number) : ListPosition
    {
        public long Number { get; } = number;
    }
}
