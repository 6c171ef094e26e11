using System.Text;
using System.Text.Json.Nodes;
using Godwit.Backends.DropBox;
using Godwit.Backends.DropBox.CtaIngest;
using Godwit.Backends.DropBox.Zstd;
using Godwit.Conformance.Memory;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox.CtaIngest;

/// <summary>A bucket in memory that CTA Ingest uses, with what that program would put into it.</summary>
internal sealed class IngestedBox
{
    public static StorePath File { get; } = StorePath.FromText("run1.fits");

    public static Timestamp Time { get; } = new(1_740_832_496_123_456_789);

    /// <summary>What Python makes of that time.</summary>
    public const string TimeInPython = "1740832496.1234567";

    public MemoryStore Inner { get; } = new(new MemorySpace(TimeProvider.System), "bucket", new MemoryStoreOptions { PageSize = 10 });

    public CtaIngestStore Open(bool pushes, IStoreLayer? layer = null, long? partBytes = null, IStore? inner = null)
    {
        var options = new DropBoxOptions { Layout = BoxLayout.CtaIngest, CountsDelivered = pushes, DeliversTo = "/archive/" };
        IStore at = inner ?? Inner;
        return new CtaIngestStore(layer is null ? at : new LayeredStore(at, layer), partBytes is { } bytes ? options with { PartBytes = bytes } : options, TimeProvider.System);
    }

    public static WriteOptions Telling(Timestamp? time = null, bool createOnly = true) =>
        new() { CreateOnly = createOnly, Metadata = new WriteMetadata { Modified = time ?? Time } };

    public Task<StoreEntry> PushAsync(byte[] content, string name = "run1.fits", IStoreLayer? layer = null, long? partBytes = null, Timestamp? time = null) =>
        PushAsync(Open(pushes: true, layer, partBytes), content, name, time);

    public static async Task<StoreEntry> PushAsync(CtaIngestStore store, byte[] content, string name = "run1.fits", Timestamp? time = null, bool createOnly = true) =>
        await store.WriteAsync(StorePath.FromText(name), WriteSource.From(content), Telling(time, createOnly), default);

    /// <summary>Marks a file as delivered, as a pull does at its end.</summary>
    public async Task DeliverAsync(string name = "run1.fits") => await Open(pushes: false).DeleteAsync(StorePath.FromText(name), default);

    public async Task<byte[]> ReadAsync(string name = "run1.fits", bool pushes = false)
    {
        await using StoreBody body = await Open(pushes).OpenReadAsync(StorePath.FromText(name), default);
        return await BoxInMemory.DrainAsync(body.Content);
    }

    public async Task PutAsync(string key, byte[] body) =>
        await Inner.WriteAsync(StorePath.FromText(key), WriteSource.From(body), WriteOptions.Default, default);

    public Task PutStateAsync(string file, string json) => PutAsync(file, Encoding.UTF8.GetBytes(json.Replace('\'', '"')));

    public async Task<string> TextAsync(string key)
    {
        await using StoreBody body = await Inner.OpenReadAsync(StorePath.FromText(key), default);
        return Encoding.UTF8.GetString(await BoxInMemory.DrainAsync(body.Content));
    }

    public async Task<JsonObject> StateAsync(string file) =>
        await Inner.StatAsync(StorePath.FromText(file), default) is null ? [] : JsonNode.Parse(await TextAsync(file))!.AsObject();

    /// <summary>Puts a file in as CTA Ingest does, or as it might have gone wrong.</summary>
    /// <param name="name">The file.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="parts">How many parts its frame is cut into.</param>
    /// <param name="uploaded">How many of them the upload put in before it stopped.</param>
    /// <param name="origin">Whether the source still has it.</param>
    public async Task PutOldAsync(string name, byte[] content, int parts = 1, int? uploaded = null, bool origin = true)
    {
        byte[] frame = Packed(content);
        int size = (frame.Length + parts - 1) / parts;
        string[] paths = [.. Enumerable.Range(0, parts).Select(i => $"/work/{name}/a{(char)('a' + i)}")];
        JsonObject[] states = [await StateAsync("origin.json"), await StateAsync("disassemble.json"), await StateAsync("upload.json")];
        if (origin)
        {
            states[0][name] = JsonNode.Parse($"{{\"path\": \"/data/{name}\", \"size\": {content.Length}, \"mtime\": {TimeInPython}, \"atime\": 1.5, \"ts\": 2.5}}");
        }

        // As a directory tells them: in no order.
        states[1][name] = new JsonArray([.. paths.Reverse().Select(path => (JsonNode)path)]);
        states[2][name] = new JsonArray([.. paths.Reverse().Take(uploaded ?? parts).Select(path => (JsonNode)("parts" + path))]);
        for (int i = parts - (uploaded ?? parts); i < parts; i++)
        {
            await PutAsync("parts" + paths[i], frame[(i * size)..Math.Min(frame.Length, (i + 1) * size)]);
        }

        foreach ((string file, JsonObject state) in ((string[])["origin.json", "disassemble.json", "upload.json"]).Zip(states))
        {
            await PutAsync(file, Encoding.UTF8.GetBytes(state.ToJsonString()));
        }
    }

    public async Task<string[]> PartsAsync()
    {
        var keys = new List<string>();
        ListPosition? position = null;
        do
        {
            StorePage page = await Inner.FlatListing!.ListBelowAsync(StorePath.FromText("parts"), position, default);
            keys.AddRange(page.Entries.Where(entry => entry.Kind == EntryKind.File).Select(entry => entry.Path.ToString()));
            position = page.Next;
        }
        while (position is not null);
        return [.. keys];
    }

    public static async Task<string[]> NamesAsync(CtaIngestStore store, List<StoreException>? unreadable = null)
    {
        var names = new List<string>();
        ListPosition? position = null;
        do
        {
            StorePage page = await store.ListAsync(StorePath.Root, position, default);
            names.AddRange(page.Entries.Select(entry => entry.Path.ToString()));
            unreadable?.AddRange(page.Unreadable ?? []);
            position = page.Next;
        }
        while (position is not null);
        return [.. names.Order(StringComparer.Ordinal)];
    }

    public static byte[] Packed(byte[] content)
    {
        using var compressor = ZstdCompressor.Create(3);
        var frame = new byte[ZstdCompressor.MostBytes(content.Length)];
        return frame[..compressor.Frame(content, frame)];
    }

    public static async Task<byte[]> UnpackedAsync(byte[] body)
    {
        await using var content = new ZstdContent(new MemoryStream(body));
        return await BoxInMemory.DrainAsync(content);
    }
}
