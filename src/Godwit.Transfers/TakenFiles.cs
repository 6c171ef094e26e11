using Godwit.Storage;
using Godwit.Transfers.Move;

namespace Godwit.Transfers;

/// <summary>Files of a source that others empty at the same time: what is gone there was taken by one of them, and nothing is left to do.</summary>
internal sealed class TakenFiles(MoveContext context, CleanUpFiles cleanUp)
{
    /// <summary>Takes failed files that are no longer at the source for taken. The others stay failed.</summary>
    public async Task JudgeAsync(IEnumerable<FileInFlight> files, CancellationToken ct)
    {
        foreach (FileInFlight file in files.Where(MayBeTaken))
        {
            try
            {
                if (await IsTakenAsync(context.Source, file.Item.Source.Path, ct).ConfigureAwait(false))
                {
                    await cleanUp.RemoveUploadAsync(file, ct).ConfigureAwait(false);
                    (file.Failure, file.IsTaken) = (null, true);
                }
            }
            catch (StoreException)
            {
                // The file has failed already, and why is known.
            }
        }
    }

    /// <summary>Whether nothing of that name is at the source any more.</summary>
    public static async ValueTask<bool> IsTakenAsync(IStore source, StorePath path, CancellationToken ct) =>
        await source.StatAsync(path, ct).ConfigureAwait(false) is not { Kind: EntryKind.File };

    private bool MayBeTaken(FileInFlight file) =>
        context.Policy.SharesSource && file is { Failure: not null, MayStand: false, Published: null };
}
