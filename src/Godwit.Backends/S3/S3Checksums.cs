using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>
/// What the server enforces of a body, and what it computed of an object. The SHA-256 goes with the request as the signed payload's digest,
/// so that it costs nothing beside itself; the MD5 as Content-MD5. The MD5 comes back as the ETag, which shows what the server received also
/// where it does not look at digests; a SHA-256 does not, so that it is preferred on Amazon's own servers only.
/// </summary>
internal sealed class S3Checksums(S3Store store) : IArrivalChecksum, IStoredChecksum
{
    IReadOnlyList<ChecksumKind> IArrivalChecksum.Kinds { get; } = KindsOf(store.Connection.Options.Endpoint, DigestSpeed.Sha256IsFast);

    // The others only on servers that keep checksums of their own.
    IReadOnlyList<ChecksumKind> IStoredChecksum.Kinds { get; } =
        [ChecksumKind.Md5, ChecksumKind.Crc64Nvme, ChecksumKind.Crc32C, ChecksumKind.Sha256];

    public bool IsToldWithEntries => true;

    /// <summary>What bytes are sent with, the preferred one first.</summary>
    public static IReadOnlyList<ChecksumKind> KindsOf(Uri? endpoint, bool sha256IsFast) => sha256IsFast && IsAmazon(endpoint)
        ? [ChecksumKind.Sha256, ChecksumKind.Md5]
        : [ChecksumKind.Md5, ChecksumKind.Sha256];

    private static bool IsAmazon(Uri? endpoint) =>
        endpoint is null || endpoint.Host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase)
        || endpoint.Host.EndsWith(".amazonaws.com.cn", StringComparison.OrdinalIgnoreCase);

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
