using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>One kept thing: a file's bytes and what it carries, a link or a directory. Never changed, only replaced.</summary>
internal sealed record MemoryNode
{
    public required EntryKind Kind { get; init; }

    public byte[] Content { get; init; } = [];

    public required Timestamp Modified { get; init; }

    public int? Mode { get; init; }

    public byte[]? LinkTarget { get; init; }

    /// <summary>As S3 has it: the MD5 of a single write, the MD5 of the parts' MD5s with their number for parts.</summary>
    public string? ETag { get; init; }

    /// <summary>The MD5 of the bytes; only for a single write.</summary>
    public Checksum? Md5 { get; init; }

    /// <summary>The free pairs that it was written with.</summary>
    public IReadOnlyDictionary<string, string> Pairs { get; init; } = new Dictionary<string, string>();

    /// <summary>Another number for each write of the bucket, so that even the same bytes at the same time are another version.</summary>
    public long Generation { get; init; }

    public StoreEntry ToEntry(StorePath path) => new()
    {
        Path = path,
        Kind = Kind,
        Length = Content.Length,
        Modified = Modified,
        Version = Kind == EntryKind.File ? $"{ETag}/{Generation}" : null,
        ResumeVersion = ETag,
        Mode = Mode,
        LinkTarget = LinkTarget?.AsMemory(),
        Allocated = Kind == EntryKind.File ? Content.Length : null,
        Checksums = Md5 is { } md5 ? [md5] : [],
    };

    [SuppressMessage("Security", "CA5351", Justification = "S3 computes MD5; it tells transmission errors, it guards nothing.")]
    public static Checksum Md5Of(ReadOnlySpan<byte> bytes) => new(ChecksumKind.Md5, MD5.HashData(bytes));
}
