using System.Collections.Concurrent;
using System.Text;
using Godwit.Backends.DropBox;
using Godwit.Conformance.Memory;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox;

/// <summary>A drop box in memory with S3's manners, one file of it, and steps that tests share.</summary>
internal sealed class BoxInMemory
{
    public static StorePath File { get; } = StorePath.FromText("night/run!/image.fits");

    public MemoryStore Inner { get; } = new(new MemorySpace(TimeProvider.System), "bucket", new MemoryStoreOptions { PageSize = 10 });

    public async Task RequireWaitingAsync(StoreEntry file, byte[] content)
    {
        Assert.Equal(file.Version, Assert.Single((await Open().ListAsync(File.Parent, null, default)).Entries).Version);
        Assert.Equal(file.Version, (await Open().StatAsync(File, default))!.Version);
        Assert.Equal(content, await ReadAsync(Open()));
        Assert.Equal(4, (await NamesAsync()).Count(name => !name.StartsWith("done/", StringComparison.Ordinal)));
    }

    public DropBoxStore Open(Calls? calls = null, bool countsDelivered = false) => new(
        calls is null ? Inner : new LayeredStore(Inner, calls), new DropBoxOptions { CountsDelivered = countsDelivered }, TimeProvider.System);

    public async Task<StoreEntry> WriteAsync(byte[] content) =>
        await Open().WriteAsync(File, WriteSource.From(content), WriteOptions.Default, default);

    public async Task PutAsync(string name, string content) => await Inner.WriteAsync(
        StorePath.FromText(name), WriteSource.From(Encoding.UTF8.GetBytes(content)), WriteOptions.Default, default);

    public async Task<byte[]> BytesAsync(string name)
    {
        await using StoreBody body = await Inner.OpenReadAsync(StorePath.FromText(name), default);
        return await DrainAsync(body.Content);
    }

    public async Task<string> TextAsync(string name) => Encoding.UTF8.GetString(await BytesAsync(name));

    public async Task<string[]> NamesAsync()
    {
        StorePage page = await Inner.FlatListing!.ListBelowAsync(StorePath.Root, null, default);
        Assert.Null(page.Next);
        return [.. page.Entries.Select(entry => entry.Path.ToString())];
    }

    public static async Task<byte[]> ReadAsync(DropBoxStore box)
    {
        await using StoreBody body = await box.OpenReadAsync(File, default);
        return await DrainAsync(body.Content);
    }

    public static async Task<byte[]> RangeAsync(DropBoxStore box, long offset, long length)
    {
        await using Stream body = await box.RangedRead!.OpenRangeAsync(File, null, offset, length, default);
        return await DrainAsync(body);
    }

    public static async Task<byte[]> DrainAsync(Stream body)
    {
        using var all = new MemoryStream();
        await body.CopyToAsync(all);
        return all.ToArray();
    }

    public static byte[] Text(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)('a' + (i * i % 7)))];

    public static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The calls of the store that the box is in, and what happens before them.</summary>
    public sealed class Calls : IStoreLayer
    {
        public ConcurrentQueue<StoreCall> Seen { get; } = [];

        public Func<StoreCall, Task> Before { get; init; } = _ => Task.CompletedTask;

        /// <summary>Whether the store gets another last byte than it was sent.</summary>
        public Func<StoreCall, bool> Flips { get; init; } = _ => false;

        public async ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
        {
            Seen.Enqueue(call);
            await Before(call);
            return await next(ct);
        }

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source) =>
            Flips(call) ? WriteSource.From(WithLastByteFlipped(source.InMemory!.Value.ToArray())) : source;

        private static byte[] WithLastByteFlipped(byte[] bytes) => [.. bytes[..^1], (byte)~bytes[^1]];
    }
}
