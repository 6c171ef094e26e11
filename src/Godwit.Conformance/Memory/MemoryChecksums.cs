using Godwit.Storage;

namespace Godwit.Conformance.Memory;

/// <summary>MD5 as S3 has it: enforced on arrival, told for files of a single write only.</summary>
internal sealed class MemoryChecksums(MemoryStore store) : IStoredChecksum, IArrivalChecksum
{
    public IReadOnlyList<ChecksumKind> Kinds { get; } = [ChecksumKind.Md5];

    public bool IsToldWithEntries => false;

    public async ValueTask<Checksum?> GetAsync(StorePath path, ChecksumKind kind, CancellationToken ct)
    {
        await store.EnterAsync(ct).ConfigureAwait(false);
        lock (store.Bucket.Gate)
        {
            MemoryNode file = MemoryStore.File(store.Bucket.Find(store.Absolute(path)), path, null);
            return kind == ChecksumKind.Md5 ? file.Md5 : null;
        }
    }
}
