using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Verify;

/// <summary>What a source says the bytes of one of its files are.</summary>
/// <param name="By">Who says it.</param>
/// <param name="Kind">The kind of checksum.</param>
/// <param name="Value">The checksum of the whole file; null where it is still to be asked for, and where it is of parts.</param>
/// <param name="Parted">The checksum over its parts; null where it is one of the whole.</param>
internal readonly record struct SourceClaim(SourceProof By, ChecksumKind Kind, Checksum? Value = null, PartedChecksum? Parted = null)
{
    // The working kind costs nothing, it is computed anyway; the others by what they cost.
    private static readonly ChecksumKind[] Preferred =
        [ChooseProof.WorkingKind, ChecksumKind.Crc32C, ChecksumKind.Adler32, ChecksumKind.Md5, ChecksumKind.Sha1, ChecksumKind.Sha256, ChecksumKind.Sha512];

    /// <summary>What came with the entry; what the store computed itself goes before what somebody wrote down. Null where there is nothing.</summary>
    public static SourceClaim? ToldBy(StoreEntry entry)
    {
        foreach (ChecksumKind kind in Preferred)
        {
            foreach (Checksum sum in entry.Checksums)
            {
                if (sum.Kind == kind)
                {
                    return new SourceClaim(SourceProof.Stored, kind, sum);
                }
            }
        }

        return entry.Parted is { } parted ? new SourceClaim(SourceProof.Stored, ChecksumKind.Md5, Parted: parted)
            : entry.Noted is { } noted ? new SourceClaim(SourceProof.Noted, noted.Kind, noted)
            : null;
    }
}
