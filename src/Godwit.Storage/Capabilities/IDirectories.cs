namespace Godwit.Storage;

/// <summary>Keeps directories of their own, also empty ones.</summary>
public interface IDirectories
{
    /// <summary>Makes a directory and those missing above it. One that is there already is success.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: something else is in the way.</exception>
    ValueTask CreateAsync(StorePath path, CancellationToken ct);
}
