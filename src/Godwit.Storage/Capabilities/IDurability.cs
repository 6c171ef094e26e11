namespace Godwit.Storage;

/// <summary>Makes what was written survive a power failure, many files at a time.</summary>
public interface IDurability
{
    /// <summary>Afterwards the bytes of these uploads survive, so that publishing them cannot expose a hole.</summary>
    ValueTask SyncUploadsAsync(IReadOnlyList<PartedUpload> uploads, CancellationToken ct);

    /// <summary>Afterwards these published paths survive: their bytes, names and directories. Of none it only makes sure that the place where they were
    /// published is still where its name leads.</summary>
    ValueTask SyncPublishedAsync(IReadOnlyList<StorePath> paths, CancellationToken ct);
}
