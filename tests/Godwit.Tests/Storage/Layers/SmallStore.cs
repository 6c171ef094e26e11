using System.Collections.Concurrent;
using Godwit.Storage;

namespace Godwit.Tests.Storage.Layers;

/// <summary>Files in memory, as little as the layers need, and a hook that stands in front of every call.</summary>
internal sealed class SmallStore : IStore, IRangedRead, IRename
{
    private readonly ConcurrentDictionary<StorePath, byte[]> _files = new();

    /// <summary>Runs at the start of each call.</summary>
    public Func<StoreCall, CancellationToken, ValueTask> Before { get; set; } = (_, _) => ValueTask.CompletedTask;

    /// <summary>Stands around each body.</summary>
    public Func<Stream, Stream> Body { get; set; } = body => body;

    /// <summary>The source of the last write, as it came in.</summary>
    public WriteSource? LastSource { get; private set; }

    public StoreIdentity Identity { get; } = new("small", "here", StorePath.FromText("root"));

    public StoreLimits Limits { get; } = new();

    public IRangedRead? RangedRead => this;

    public IPartedWrite? PartedWrite { get; set; }

    public IFlatListing? FlatListing => null;

    public IDirectories? Directories => null;

    public ILinks? Links => null;

    public IBulkDelete? BulkDelete { get; set; }

    public IServerCopy? ServerCopy => null;

    public IThirdPartyCopy? ThirdPartyCopy => null;

    public IStoredChecksum? StoredChecksum => null;

    public IArrivalChecksum? ArrivalChecksum => null;

    public IRename? Rename => this;

    public IFreeSpace? FreeSpace => null;

    public ISettableTime? SettableTime => null;

    public IDurability? Durability => null;

    public IDiagnosis? Diagnosis => null;

    public async ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct)
    {
        await Before(new StoreCall(StoreVerb.Stat, path), ct);
        return _files.ContainsKey(path) ? Entry(path) : null;
    }

    public async ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct)
    {
        await Before(new StoreCall(StoreVerb.List, directory), ct);
        return new StorePage(_files.Keys.Order().Select(Entry).ToList(), null);
    }

    public async ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct)
    {
        await Before(new StoreCall(StoreVerb.OpenRead, path), ct);
        return new StoreBody(Entry(path), Body(new MemoryStream(_files[path], writable: false)));
    }

    public async ValueTask<Stream> OpenRangeAsync(
        StorePath path, string? version, long offset, long length, CancellationToken ct)
    {
        await Before(new StoreCall(StoreVerb.OpenRange, path), ct);
        return Body(new MemoryStream(_files[path], (int)offset, (int)length, writable: false));
    }

    public async ValueTask<StoreEntry> WriteAsync(
        StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        LastSource = source;
        await Before(new StoreCall(StoreVerb.Write, path, source.Length), ct);
        await using Stream from = await source.OpenAsync(ct);
        using var to = new MemoryStream();
        await from.CopyToAsync(to, ct);
        _files[path] = to.ToArray();
        return Entry(path);
    }

    public async ValueTask DeleteAsync(StorePath path, CancellationToken ct)
    {
        await Before(new StoreCall(StoreVerb.Delete, path), ct);
        _files.TryRemove(path, out _);
    }

    public async ValueTask RenameAsync(StorePath from, StorePath to, bool createOnly, CancellationToken ct)
    {
        await Before(new StoreCall(StoreVerb.Rename, from), ct);
        _files.TryRemove(from, out byte[]? bytes);
        _files[to] = bytes!;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private StoreEntry Entry(StorePath path) => new() { Path = path, Kind = EntryKind.File, Length = _files[path].Length };
}
