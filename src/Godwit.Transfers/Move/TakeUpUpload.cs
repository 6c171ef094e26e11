using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>Finds what is left of an upload, and what of it counts.</summary>
internal sealed class TakeUpUpload(MoveContext context)
{
    private static readonly Dictionary<int, FilePart> NothingDone = [];

    /// <summary>Takes up what an earlier run, or an earlier try of this one, left. Gives the parts that need not be sent again.</summary>
    public async Task<IReadOnlyDictionary<int, FilePart>> TakeUpAsync(FileInFlight file, WriteOptions options, CancellationToken ct)
    {
        if (file.Kept is not { } kept)
        {
            return NothingDone;
        }

        IPartedWrite destination = context.Destination.PartedWrite!;
        long length = file.Item.Source.Length;
        file.Upload ??= await destination.ResumeAsync(file.Path, file.Tag, kept.UploadId, length, options, ct).ConfigureAwait(false);
        if (file.Upload is { } upload && kept.AreOf(file.Item.Source) && await HeldAsync(upload, kept, ct).ConfigureAwait(false) is { } held)
        {
            return held;
        }

        // Gone, or begun for another version: its length and its time would be wrong.
        if (file.Upload is not null)
        {
            await context.AbortAsync(file, file.Upload, ct).ConfigureAwait(false);
        }

        (file.Upload, file.Kept, file.MayHaveUpload) = (null, null, false);
        return NothingDone;
    }

    /// <summary>Null: the upload is gone.</summary>
    private async Task<IReadOnlyDictionary<int, FilePart>?> HeldAsync(PartedUpload upload, KeptParts kept, CancellationToken ct)
    {
        try
        {
            IReadOnlyList<StoredPart>? listed = await context.Destination.PartedWrite!.ListPartsAsync(upload, ct).ConfigureAwait(false);

            // The ledger may outlive a power failure that the bytes did not, and a size shows nothing of it.
            if (listed is null && context.Proof == Proof.Size && kept.AreOfEarlierRun)
            {
                kept.Forget();
            }

            return kept.Among(listed);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
    }
}
