using Godwit.Storage;
using Godwit.Transfers.Move;

namespace Godwit.Transfers.Backup;

/// <summary>The step before files are deleted at the destination: each is kept first, and durable.</summary>
/// <param name="run">The run.</param>
/// <param name="backup">Keeps them.</param>
/// <param name="observer">Hears of each.</param>
/// <param name="tell">Takes the failure of one that could not be kept.</param>
internal sealed class PutExtrasAside(
    TransferRun run, KeepBackup backup, ITransferObserver observer, Func<StoreEntry, StoreException?, CancellationToken, Task> tell)
{
    /// <summary>Keeps the files.</summary>
    /// <returns>Those that may be deleted, as they are now: the others were told of, or are not what the plan saw.</returns>
    public async Task<StoreEntry[]> KeepAsync(StoreEntry[] files, CancellationToken ct)
    {
        var kept = new KeptBackup?[files.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = run.Request.Destination.Limits.DefaultConcurrency, CancellationToken = ct };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, files.Length), options, async (i, stop) => kept[i] = await TryKeepAsync(files[i], stop).ConfigureAwait(false))
            .ConfigureAwait(false);
        int[] open = [.. Enumerable.Range(0, files.Length).Where(i => kept[i] is not null)];
        try
        {
            await backup.MakeDurableAsync([.. open.Select(i => kept[i]!)], ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            foreach (int i in open)
            {
                await tell(files[i], e, ct).ConfigureAwait(false);
            }

            return [];
        }

        foreach (int i in open)
        {
            run.CountBackedUp();
            observer.On(new FileBackedUp(files[i].Path, kept[i]!.Name, files[i].Length));
        }

        return [.. open.Select(i => kept[i]!.Entry)];
    }

    private async ValueTask<KeptBackup?> TryKeepAsync(StoreEntry file, CancellationToken ct)
    {
        try
        {
            KeptBackup? now = await backup.KeepAsync(file.Path, ct).ConfigureAwait(false);
            return now?.Entry.Length == file.Length && (file.Modified ?? now.Entry.Modified) == now.Entry.Modified
                && (file.Kind != EntryKind.Link || MakeLink.IsSame(file, now.Entry)) ? now : null;
        }
        catch (StoreException e)
        {
            await tell(file, e, ct).ConfigureAwait(false);
            return null;
        }
    }
}
