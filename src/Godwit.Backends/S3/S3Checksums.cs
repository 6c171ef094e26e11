using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>
/// What the server enforces of a body, and what it computed of an object. The SHA-256 goes with the request as the signed payload's digest,
/// so that it costs nothing beside itself; the MD5 as Content-MD5.
/// </summary>
internal sealed class S3Checksums(S3Store store) : IArrivalChecksum, IStoredChecksum
{
    IReadOnlyList<ChecksumKind> IArrivalChecksum.Kinds { get; } = DigestSpeed.Sha256IsFast
        ? [ChecksumKind.Sha256, ChecksumKind.Md5]
        : [ChecksumKind.Md5, ChecksumKind.Sha256];

    // The others only on servers that keep checksums of their own.
    IReadOnlyList<ChecksumKind> IStoredChecksum.Kinds { get; } =
        [ChecksumKind.Md5, ChecksumKind.Crc64Nvme, ChecksumKind.Crc32C, ChecksumKind.Sha256];

    public bool IsToldWithEntries => true;

    public static bool Enforces(ChecksumKind kind) => kind is ChecksumKind.Sha256 or ChecksumKind.Md5;

    public async ValueTask<Checksum?> GetAsync(StorePath path, ChecksumKind kind, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        StoreEntry? entry = await store.Entries.FileAsync(path, store.Connection.KeyOf(path), ct).ConfigureAwait(false);
        if (entry is null)
        {
            throw new StoreException(StoreErrorKind.NotFound, $"There is nothing at \"{path}\".") { Path = path };
        }

        foreach (Checksum sum in entry.Checksums)
        {
            if (sum.Kind == kind)
            {
                return sum;
            }
        }

        return null;
    }
}
