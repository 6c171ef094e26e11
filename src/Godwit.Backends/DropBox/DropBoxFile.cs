using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>A version of a file in a box, for people: waiting or delivered.</summary>
public sealed record DropBoxFile
{
    /// <summary>The file.</summary>
    public required StorePath Path { get; init; }

    /// <summary>Which version.</summary>
    public required string Id { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long Length { get; init; }

    /// <summary>When its content changed.</summary>
    public required Timestamp Modified { get; init; }

    /// <summary>Permission bits, where they were given.</summary>
    public int? Mode { get; init; }

    /// <summary>Of the whole file.</summary>
    public required Checksum Checksum { get; init; }

    /// <summary>When it was put in, by the clock of who did; null where only its delivery is told.</summary>
    public Timestamp? Pushed { get; init; }

    /// <summary>When it was taken out, by the clock of who did; null while it waits.</summary>
    public Timestamp? Delivered { get; init; }

    /// <summary>Its parts; 0 of an empty file, null where only its delivery is told.</summary>
    public int? Parts { get; init; }

    /// <summary>Bytes of its payload while it waits; null as above.</summary>
    public long? StoredLength { get; init; }

    /// <summary>How it was stored: <c>zstd</c>, <c>plain</c>, or <c>mixed</c> where some parts did not shrink; null as above, and of an empty file.</summary>
    public string? Codec { get; init; }

    internal static DropBoxFile Of(DropBoxRecord record, DropBoxRecord? done) => new()
    {
        Path = record.Path,
        Id = record.Id,
        Length = record.Length,
        Modified = record.Modified,
        Mode = record.Mode,
        Checksum = record.Checksum,
        Pushed = record.At,
        Delivered = done?.At,
        Parts = record.Parts.Count,
        StoredLength = record.Parts.Sum(part => part.StoredLength),
        Codec = record.Parts.Count == 0 ? null
            : record.Parts.All(part => part.IsPlain) ? "plain"
            : record.Parts.Any(part => part.IsPlain) ? "mixed" : "zstd",
    };

    internal static DropBoxFile OfDelivery(DropBoxRecord done) => new()
    {
        Path = done.Path,
        Id = done.Id,
        Length = done.Length,
        Modified = done.Modified,
        Mode = done.Mode,
        Checksum = done.Checksum,
        Delivered = done.At,
    };
}
