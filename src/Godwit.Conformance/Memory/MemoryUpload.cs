using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>An upload as the server keeps it: it outlives the stores that are open on the bucket.</summary>
internal sealed class MemoryUpload(string id, string tag, StorePath absolute, long? length, WriteOptions options, Timestamp begun)
{
    public string Id { get; } = id;

    public string Tag { get; } = tag;

    public StorePath Absolute { get; } = absolute;

    public long? Length { get; } = length;

    public WriteOptions Options { get; } = options;

    public Timestamp Begun { get; } = begun;

    public SortedDictionary<int, MemoryPart> Parts { get; } = [];
}

/// <summary>A part as the server keeps it.</summary>
internal sealed record MemoryPart(long Offset, byte[] Content, Checksum Md5)
{
    public string Token => $"\"{Md5.Hex}\"";
}
