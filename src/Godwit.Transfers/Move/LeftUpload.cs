using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Move;

/// <summary>What an earlier run left of one file. Only what the ledger recorded is ever touched.</summary>
/// <param name="destination">Where it is.</param>
/// <param name="left">What the ledger knows of it.</param>
internal sealed class LeftUpload(IStore destination, UnfinishedFile left)
{
    /// <summary>The file's path below the destination's root.</summary>
    public StorePath Path { get; } = left.Intent.Destination.RelativeTo(destination.Identity.Root);

    /// <summary>The upload; null when the store does not have it.</summary>
    public async ValueTask<PartedUpload?> FindAsync(CancellationToken ct) => destination.PartedWrite is { } parted
        ? await parted.ResumeAsync(Path, left.Intent.Tag, left.UploadId, left.Intent.Length, WriteOptions.Default, ct).ConfigureAwait(false)
        : null;

    /// <summary>Throws the upload away.</summary>
    /// <returns>Whether there was one and it is gone; it is left where the file that stands there may be made of it.</returns>
    public async ValueTask<bool> RemoveAsync(CancellationToken ct) => await FindAsync(ct).ConfigureAwait(false) is { } upload
        && await destination.PartedWrite!.AbortAsync(upload, ct).ConfigureAwait(false);

    /// <summary>Makes the ledger forget the file, whose upload is gone. Where a file stands, the ledger still remembers that it may be
    /// unproved.</summary>
    public async ValueTask ForgetAsync(ILedger ledger, CancellationToken ct)
    {
        if (await destination.StatAsync(Path, ct).ConfigureAwait(false) is null)
        {
            await ledger.ForgetFilesAsync([left.File], ct).ConfigureAwait(false);
        }
    }
}
