using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Move;

/// <summary>What became of an upload that was to be removed.</summary>
internal enum LeftUploadFate
{
    /// <summary>There is none.</summary>
    None = 0,

    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>It was left alone: the file that stands there may be made of it.</summary>
    Published,

    /// <summary>It was left alone: the server may still be ending it.</summary>
    Completing,
}

/// <summary>What an earlier run left of one file. Only what the ledger recorded is ever touched.</summary>
/// <param name="destination">Where it is.</param>
/// <param name="left">What the ledger knows of it.</param>
/// <param name="time">The clock.</param>
internal sealed class LeftUpload(IStore destination, UnfinishedFile left, TimeProvider time)
{
    // Ending an upload of terabytes takes a server minutes.
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(1);

    /// <summary>Whether the run that left a file was ending its upload so short ago that the server may still be at it.</summary>
    public static bool MayBeCompleting(UnfinishedFile left, TimeProvider time) =>
        left.Completing is { } begun && (time.GetUtcNow() - begun.ToDateTimeOffset()).Duration() < s_patience;

    /// <summary>The file's path below the destination's root.</summary>
    public StorePath Path { get; } = left.Intent.Destination.RelativeTo(destination.Identity.Root);

    /// <summary>The upload; null when the store does not have it.</summary>
    public async ValueTask<PartedUpload?> FindAsync(CancellationToken ct) => destination.PartedWrite is { } parted
        ? await parted.ResumeAsync(Path, left.Intent.Tag, left.UploadId, left.Intent.Length, WriteOptions.Default, ct).ConfigureAwait(false)
        : null;

    /// <summary>Throws the upload away, where that can do no harm.</summary>
    public async ValueTask<LeftUploadFate> RemoveAsync(CancellationToken ct)
    {
        if (await FindAsync(ct).ConfigureAwait(false) is not { } upload)
        {
            return LeftUploadFate.None;
        }

        return MayBeCompleting(left, time) ? LeftUploadFate.Completing
            : await destination.PartedWrite!.AbortAsync(upload, ct).ConfigureAwait(false) ? LeftUploadFate.Removed
            : LeftUploadFate.Published;
    }

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
