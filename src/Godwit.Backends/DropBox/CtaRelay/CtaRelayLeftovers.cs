using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>Uploads of large files that stopped, of either program: nobody goes on with them.</summary>
/// <param name="inner">The store that the objects are in.</param>
public sealed class CtaRelayLeftovers(IStore inner)
{
    /// <summary>The uploads of the box's files.</summary>
    /// <param name="before">Those that were begun before this; null for all.</param>
    /// <param name="ct">Cancels the call.</param>
    public async IAsyncEnumerable<CtaRelayLeftover> FindAsync(Timestamp? before, [EnumeratorCancellation] CancellationToken ct)
    {
        if (inner.PartedWrite?.UploadListing is not { } listing)
        {
            yield break;
        }

        ListPosition? position = null;
        do
        {
            UploadPage page = await listing.ListAsync(StorePath.Root, position, ct).ConfigureAwait(false);
            foreach (UploadUnderWay upload in page.Uploads)
            {
                if (upload.Path is { } path && CtaRelayObjects.IsFlat(path) && (before is null || upload.Begun < before))
                {
                    yield return new CtaRelayLeftover(path, upload.Id);
                }
            }

            position = page.Next;
        }
        while (position is not null);
    }

    /// <summary>Takes an upload away. One that is gone, or that a file may be made of by now, is left.</summary>
    /// <returns>Whether it was taken away.</returns>
    public async ValueTask<bool> RemoveAsync(CtaRelayLeftover leftover, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(leftover);
        IPartedWrite parts = inner.PartedWrite!;
        string tag = RandomNumberGenerator.GetHexString(DropBoxLayout.IdLength, lowercase: true);
        return await parts.ResumeAsync(leftover.Path, tag, leftover.Id, null, WriteOptions.Default, ct).ConfigureAwait(false) is { } upload
            && await parts.AbortAsync(upload, ct).ConfigureAwait(false);
    }
}

/// <summary>An upload that stopped.</summary>
/// <param name="Path">The file that it was to be.</param>
/// <param name="Id">The store's name for it.</param>
public sealed record CtaRelayLeftover(StorePath Path, string Id);
