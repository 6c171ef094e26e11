using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Uploads of large objects that stopped, of whichever program, in a box of another layout than Godwit's own: nobody goes on with them.</summary>
/// <param name="inner">The store that the box is in.</param>
public sealed class StoppedUploads(IStore inner)
{
    /// <summary>The uploads of the box's files.</summary>
    /// <param name="isMeant">Which files.</param>
    /// <param name="before">Those that were begun before this; null for all.</param>
    /// <param name="ct">Cancels the call.</param>
    public async IAsyncEnumerable<StoppedUpload> FindAsync(Func<StorePath, bool> isMeant, Timestamp? before, [EnumeratorCancellation] CancellationToken ct)
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
                if (upload.Path is { } path && isMeant(path) && (before is null || upload.Begun < before))
                {
                    yield return new StoppedUpload(path, upload.Id);
                }
            }

            position = page.Next;
        }
        while (position is not null);
    }

    /// <summary>Takes an upload away. One that is gone, or that a file may be made of by now, is left.</summary>
    /// <returns>Whether it was taken away.</returns>
    public async ValueTask<bool> RemoveAsync(StoppedUpload leftover, CancellationToken ct)
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
public sealed record StoppedUpload(StorePath Path, string Id);
