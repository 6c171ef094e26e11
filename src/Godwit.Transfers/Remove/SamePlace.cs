using System.Text;
using Godwit.Storage;
using Godwit.Transfers.Move;

namespace Godwit.Transfers.Remove;

/// <summary>
/// Finds out, before anything is deleted on one side, whether the other side would lose it too: one bucket behind two names of its server, or one
/// directory that is also served as a bucket. Names cannot tell; a file of our own can, that is written to the one and looked for in the other.
/// </summary>
/// <param name="deleting">Where files will be deleted.</param>
/// <param name="other">The other side of the transfer, which must keep its own.</param>
internal sealed class SamePlace(IStore deleting, IStore other)
{
    private const string Content = "Godwit looks whether two addresses are one place, and takes this file away again. It may be deleted.\n";

    private static readonly TimeSpan s_removing = TimeSpan.FromSeconds(30);

    /// <summary>Why nothing may be deleted; null when the two are two places.</summary>
    /// <param name="mayMarkOther">Whether the other side is written to anyway, and may be asked where a file cannot be written to this one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels the call; what was written is removed all the same.</param>
    /// <exception cref="StoreException">It cannot be found out, or what was written for it cannot be removed.</exception>
    public async Task<string?> RefusesAsync(bool mayMarkOther, TimeProvider time, CancellationToken ct)
    {
        if (deleting.Identity.Space == other.Identity.Space)
        {
            return deleting.Identity.Root == other.Identity.Root ? Told(StorePath.Root) : null;
        }

        foreach (StorePath below in await PlacesOfOtherAsync(ct).ConfigureAwait(false))
        {
            var name = StorePath.FromText($".godwit-{UploadTag.New()}.same-place");
            if (await IsOneAsync(name, below, mayMarkOther, time, ct).ConfigureAwait(false))
            {
                return Told(below);
            }
        }

        return null;
    }

    /// <summary>Where the other side's root may be: the same directory, or where its path says if the two are one place.</summary>
    private async Task<IReadOnlyList<StorePath>> PlacesOfOtherAsync(CancellationToken ct)
    {
        (StorePath here, StorePath there) = (deleting.Identity.Root, other.Identity.Root);
        if (!there.IsBelow(here) || await LookAsync(deleting, there.RelativeTo(here), ct).ConfigureAwait(false) is not { Kind: EntryKind.Directory })
        {
            return [StorePath.Root];
        }

        return [StorePath.Root, there.RelativeTo(here)];
    }

    private async Task<bool> IsOneAsync(StorePath name, StorePath below, bool mayMarkOther, TimeProvider time, CancellationToken ct)
    {
        StorePath within = below.Join(name);
        try
        {
            return await IsSeenAsync(deleting, within, other, name, time, ct).ConfigureAwait(false);
        }
        catch (StoreException) when (mayMarkOther)
        {
            // Who may delete may nearly always write; not on a full disk.
            return await IsSeenAsync(other, name, deleting, within, time, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Whether what is written to one store under a name that nobody else has is then in another.</summary>
    private static async Task<bool> IsSeenAsync(
        IStore written, StorePath path, IStore looked, StorePath lookedAt, TimeProvider time, CancellationToken ct)
    {
        try
        {
            var source = WriteSource.From(Encoding.UTF8.GetBytes(Content));
            await written.WriteAsync(path, source, new WriteOptions { CreateOnly = true }, ct).ConfigureAwait(false);
            return await LookAsync(looked, lookedAt, ct).ConfigureAwait(false) is not null;
        }
        finally
        {
            // Also after a failed write: only its answer may have been lost.
            using var limit = new CancellationTokenSource(s_removing, time);
            await written.DeleteAsync(path, limit.Token).ConfigureAwait(false);
        }
    }

    private static async Task<StoreEntry?> LookAsync(IStore store, StorePath path, CancellationToken ct)
    {
        try
        {
            return await store.StatAsync(path, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound or StoreErrorKind.Unsupported)
        {
            // The root is not there yet, or a file stands in its place.
            return null;
        }
    }

    private string Told(StorePath below) => below.IsRoot
        ? $"{deleting.Identity} and {other.Identity} are one and the same place under two names: what is deleted there would be gone from both"
        : $"{other.Identity} lies inside {deleting.Identity}, which is the same store under another name: what is deleted there would be gone from both";
}
