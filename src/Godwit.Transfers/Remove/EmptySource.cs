using Godwit.Storage;

namespace Godwit.Transfers.Remove;

/// <summary>Whether a source has anything at all, for whoever did not list it: one that is not mounted looks empty.</summary>
internal static class EmptySource
{
    /// <summary>Looks.</summary>
    /// <exception cref="StoreException">It cannot be listed, or is not there.</exception>
    public static async Task<bool> HoldsNothingAsync(IStore source, CancellationToken ct)
    {
        ListPosition? position = null;
        do
        {
            StorePage page = await source.ListAsync(StorePath.Root, position, ct).ConfigureAwait(false);
            position?.Dispose();
            position = page.Next;
            if (page.Entries.Count > 0 || page.Unreadable is { Count: > 0 })
            {
                position?.Dispose();
                return false;
            }
        }
        while (position is not null);
        return true;
    }
}
