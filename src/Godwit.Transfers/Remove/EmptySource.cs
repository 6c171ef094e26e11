using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.Transfers.Remove;

/// <summary>Whether a source has any file at all, for whoever did not list it: one that is not mounted looks empty.</summary>
internal static class EmptySource
{
    /// <summary>Looks for the first file. What cannot be looked at is none.</summary>
    /// <exception cref="StoreException">The source cannot be listed, or is not there.</exception>
    public static async Task<bool> HoldsNothingAsync(IStore source, OpenScratch openScratch, CancellationToken ct)
    {
        await foreach (ListingChunk chunk in TreeListing.ReadAsync(source, new TreeListingOptions { OpenScratch = openScratch }, ct).ConfigureAwait(false))
        {
            if (chunk.Entries.Any(entry => entry.Kind == EntryKind.File))
            {
                return false;
            }
        }

        return true;
    }
}
