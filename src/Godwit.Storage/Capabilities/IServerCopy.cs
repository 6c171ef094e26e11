namespace Godwit.Storage;

/// <summary>Copies within one system, without the bytes passing through here.</summary>
public interface IServerCopy
{
    /// <summary>Whether files of that store can be copied.</summary>
    bool CanCopyFrom(StoreIdentity source);

    /// <summary>Copies a whole file; the path then holds the new content or what it held before.</summary>
    /// <param name="source">Where the file is; <see cref="CanCopyFrom"/> holds.</param>
    /// <param name="from">The file below the source's root.</param>
    /// <param name="version">The version to copy; null for whatever is there.</param>
    /// <param name="to">The final path in this store.</param>
    /// <param name="options">As for <see cref="IStore.WriteAsync"/>.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <remarks>Never repeated by a layer, as <see cref="IPartedWrite.CompleteAsync"/>.</remarks>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: not for this pair after all; go another route.</exception>
    ValueTask<StoreEntry> CopyAsync(
        StoreIdentity source, StorePath from, string? version, StorePath to, WriteOptions options, CancellationToken ct);
}
