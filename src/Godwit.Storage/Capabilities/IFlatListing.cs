namespace Godwit.Storage;

/// <summary>Lists everything below a prefix, whatever its depth, sorted.</summary>
public interface IFlatListing
{
    /// <summary>A page of all that lies below the directory, in the order of <see cref="StoreEntry.CompareByKey"/>. Only a path of
    /// <see cref="StorePath.MayBeEncoded"/> may come at another place.</summary>
    /// <remarks>Directories appear only where the store keeps them, as markers for example. Positions as for
    /// <see cref="IStore.ListAsync"/>.</remarks>
    ValueTask<StorePage> ListBelowAsync(StorePath directory, ListPosition? position, CancellationToken ct);

    /// <summary>Cuts the rest of a listing into ranges that can be listed at once. It costs a few calls at most, however much is there.</summary>
    /// <param name="directory">The directory that is listed.</param>
    /// <param name="position">Where the rest begins: the <see cref="StorePage.Next"/> of a page.</param>
    /// <param name="most">Ranges at most.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>Positions in order. The pages of all, one range after another, are the pages that <paramref name="position"/> leads to, cut
    /// elsewhere: a range has no <see cref="StorePage.Next"/> where the following one begins. One position where it is not worth cutting.</returns>
    ValueTask<IReadOnlyList<ListPosition>> SplitAsync(StorePath directory, ListPosition position, int most, CancellationToken ct) =>
        ct.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<ListPosition>>(ct)
            : ValueTask.FromResult<IReadOnlyList<ListPosition>>([position]);
}
