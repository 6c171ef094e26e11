namespace Godwit.Storage;

/// <summary>Fetches files from another store, without the bytes passing through here.</summary>
public interface IThirdPartyCopy
{
    /// <summary>Whether this store can fetch from that one.</summary>
    bool CanPullFrom(StoreIdentity source);

    /// <summary>Fetches a whole file.</summary>
    /// <param name="source">Where the file is; <see cref="CanPullFrom"/> holds.</param>
    /// <param name="from">The file below the source's root.</param>
    /// <param name="to">The final path in this store. The other side may write it before the file is complete: report it delivered
    /// only after verifying it, and delete a wrong one.</param>
    /// <param name="options">As for <see cref="IStore.WriteAsync"/>.</param>
    /// <param name="progress">Bytes so far, as the server says; advisory.</param>
    /// <param name="ct">Cancels the copy itself, as far as the servers can.</param>
    ValueTask<StoreEntry> PullAsync(
        StoreIdentity source, StorePath from, StorePath to, WriteOptions options, IProgress<long>? progress, CancellationToken ct);
}
