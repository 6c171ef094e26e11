using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Writes down, in a box of any layout, that files which are at their destination already count as delivered, without being sent.
/// What the box knows stays as it is.</summary>
public interface IBoxAdoption
{
    /// <summary>The checksum that a file is known by.</summary>
    ChecksumKind Kind { get; }

    /// <summary>Whether a file cannot be adopted without its checksum.</summary>
    bool NeedsChecksum { get; }

    /// <summary>Whether the box knows nothing of a file, so that it can be adopted, or its adoption stopped half-way.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.InvalidRequest"/>: the box cannot hold the name.</exception>
    ValueTask<bool> IsUnknownAsync(StorePath path, CancellationToken ct);

    /// <summary>Adopts a file.</summary>
    /// <param name="file">As it is; its time has to be known where the box keeps one.</param>
    /// <param name="checksum">Its checksum of <see cref="Kind"/>; null where nobody read it.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>Whether it is adopted now; false where the box knows another version.</returns>
    ValueTask<bool> AdoptAsync(StoreEntry file, Checksum? checksum, CancellationToken ct);

    /// <summary>Writes down for certain what was adopted until now, where a box gathers that for one write. Nothing to do elsewhere.</summary>
    ValueTask FinishAsync(CancellationToken ct) => ValueTask.CompletedTask;
}
