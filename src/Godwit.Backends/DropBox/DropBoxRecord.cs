using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>What the box has of one version of a file. Never changed, only replaced by that of another version.</summary>
internal sealed record DropBoxRecord
{
    /// <summary>The file.</summary>
    public required StorePath Path { get; init; }

    /// <summary>Which version: the tag of its upload.</summary>
    public required string Id { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long Length { get; init; }

    /// <summary>When its content changed.</summary>
    public required Timestamp Modified { get; init; }

    /// <summary>Permission bits, where they were given.</summary>
    public int? Mode { get; init; }

    /// <summary>The CRC-64/NVME of the whole file; null only of one that was adopted without being read.</summary>
    public required Checksum? Checksum { get; init; }

    /// <summary>Of a file that was adopted: which version of it was seen where it was found; null otherwise, and where that store told none.</summary>
    public string? Seen { get; init; }

    /// <summary>Whether it never was put in, because the file was at its destination already: it has no payload, never waits, and counts as
    /// delivered.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>When this was put in; of what was delivered, when it was taken out.</summary>
    public required Timestamp At { get; init; }

    /// <summary>The parts in order, without gaps; none of an empty file, and none in what tells of a delivery.</summary>
    public IReadOnlyList<DropBoxPart> Parts { get; init; } = [];

    /// <summary>The checksum of no bytes.</summary>
    public static Checksum OfNothing { get; } = EmptyChecksum();

    /// <summary>What a store tells of this version.</summary>
    public StoreEntry ToEntry() => new()
    {
        Path = Path,
        Kind = EntryKind.File,
        Length = Length,
        Modified = Modified,
        Version = Id,
        ResumeVersion = Seen ?? Id,
        Mode = Mode,
        Checksums = Checksum is { } known ? [known] : [],
    };

    /// <summary>Why the parts do not make a file of that length; null where they do.</summary>
    public static string? Fault(IReadOnlyList<DropBoxPart> parts, long length)
    {
        long end = 0;
        int number = 0;
        foreach (DropBoxPart part in parts)
        {
            if (part.Offset != end || part.Number <= number || part.Length < 0 || part.StoredLength < 0)
            {
                return $"its part {part.Number} does not follow the one before";
            }

            end += part.Length;
            number = part.Number;
        }

        return end == length ? null : $"its parts have {end} bytes and the file {length}";
    }

    /// <summary>The checksum of the whole file.</summary>
    public static Checksum Combined(IReadOnlyList<DropBoxPart> parts) =>
        parts.Aggregate(OfNothing, (all, part) => part.Offset == 0 ? part.Checksum : Storage.Checksum.Combine(all, part.Checksum, part.Length));

    private static Checksum EmptyChecksum()
    {
        using var none = RunningChecksum.Start(ChecksumKind.Crc64Nvme);
        return none.Finish();
    }
}

/// <summary>One part of a file, as the box has it.</summary>
/// <param name="Number">From 1; which payload it is.</param>
/// <param name="Offset">Where it belongs in the file.</param>
/// <param name="Length">Its bytes in the file.</param>
/// <param name="StoredLength">Bytes of its payload.</param>
/// <param name="IsPlain">Whether the payload is the bytes themselves, because zstd made them hardly smaller.</param>
/// <param name="Checksum">The CRC-64/NVME of its bytes in the file.</param>
internal sealed record DropBoxPart(int Number, long Offset, long Length, long StoredLength, bool IsPlain, Checksum Checksum)
{
    /// <summary>What leads back to this part on completion.</summary>
    public string Token => $"{(IsPlain ? "plain" : "zstd")} {StoredLength} {Checksum.Hex}";

    /// <summary>The part that a store handed out; null where its token is not one of these.</summary>
    public static DropBoxPart? From(StoredPart part) =>
        part.Token?.Split(' ') is ["plain" or "zstd", var stored, var hex] && long.TryParse(stored, out long length)
            && Checksum.TryParse(ChecksumKind.Crc64Nvme, hex, out Checksum checksum)
            ? new DropBoxPart(part.Number, part.Offset, part.Length, length, part.Token[0] == 'p', checksum)
            : null;
}
