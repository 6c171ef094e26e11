namespace Godwit.Storage;

/// <summary>Lists everything below a prefix, whatever its depth, sorted.</summary>
public interface IFlatListing
{
    /// <summary>A page of all that lies below the directory, in the order of <see cref="StoreEntry.CompareByKey"/>. Only a path of
    /// <see cref="StorePath.MayBeEncoded"/> may come at another place.</summary>
    /// <remarks>Directories appear only where the store keeps them, as markers for example. Positions as for
    /// <see cref="IStore.ListAsync"/>.</remarks>
    ValueTask<StorePage> ListBelowAsync(StorePath directory, ListPosition? position, CancellationToken ct);
}
