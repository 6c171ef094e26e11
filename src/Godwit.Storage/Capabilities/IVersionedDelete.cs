namespace Godwit.Storage;

/// <summary>Deletes a version of a file and no other, in one step: what somebody puts there meanwhile stays.</summary>
public interface IVersionedDelete
{
    /// <summary>Deletes the file if it is still this version. Nothing there is success.</summary>
    /// <param name="path">The file.</param>
    /// <param name="version">Its <see cref="StoreEntry.Version"/>.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.PreconditionFailed"/>: another version is there now; it stays.</exception>
    ValueTask DeleteAsync(StorePath path, string version, CancellationToken ct);
}
