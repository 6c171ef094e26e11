using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Godwit.Backends.DropBox;
using Godwit.Backends.DropBox.CtaRelay;
using Godwit.Backends.DropBox.Zstd;
using Godwit.Conformance.Memory;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox.CtaRelay;

/// <summary>A bucket in memory that CTA Relay uses, with what that program would put into it.</summary>
[SuppressMessage("Security", "CA5351", Justification = "The old layout has MD5.")]
internal sealed class RelayedBucket
{
    public static StorePath File { get; } = StorePath.FromText("run1.fits");

    public MemoryStore Inner { get; } = new(new MemorySpace(TimeProvider.System), "bucket", new MemoryStoreOptions { PageSize = 10 });

    public CtaRelayStore Open(bool pushes, IStoreLayer? layer = null) => new(
        layer is null ? Inner : new LayeredStore(Inner, layer),
        new DropBoxOptions { Layout = BoxLayout.CtaRelay, CountsDelivered = pushes },
        TimeProvider.System);

    public async Task PushAsync(byte[] content, string name = "run1.fits") =>
        await Open(pushes: true).WriteAsync(StorePath.FromText(name), WriteSource.From(content), WriteOptions.Default, default);

    /// <summary>Puts an object as CTA Relay does, or as it might have gone wrong.</summary>
    public async Task PutAsync(string name, byte[] body, params (string Name, string Value)[] pairs) => await Inner.WriteAsync(
        StorePath.FromText(name),
        WriteSource.From(body),
        new WriteOptions { Metadata = new WriteMetadata { Pairs = pairs.ToDictionary(pair => pair.Name, pair => pair.Value), PairsAlone = true } },
        default);

    public Task PutOldAsync(string name, byte[] content) => PutAsync(name, Packed(content), PairsOf(content));

    public async Task<FileWithPairs> ObjectAsync(string name = "run1.fits") => (await Inner.GetAsync(StorePath.FromText(name), default))!;

    public async Task<byte[]> BodyAsync(string name = "run1.fits")
    {
        await using StoreBody body = await Inner.OpenReadAsync(StorePath.FromText(name), default);
        return await BoxInMemory.DrainAsync(body.Content);
    }

    public async Task<byte[]> ReadAsync(string name = "run1.fits")
    {
        await using StoreBody body = await Open(pushes: false).OpenReadAsync(StorePath.FromText(name), default);
        return await BoxInMemory.DrainAsync(body.Content);
    }

    public static (string Name, string Value)[] PairsOf(byte[] content) =>
        [("size", content.Length.ToString(CultureInfo.InvariantCulture)), ("md5", Md5Of(content))];

    public static string Md5Of(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));

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
