using Godwit.Storage;
using Godwit.Transfers.Move;

namespace Godwit.Transfers.Backup;

/// <summary>The step before a file gets its final name: what has that name is kept first, and durable.</summary>
internal sealed class PutAside(MoveContext context, TransferRun run)
{
    /// <summary>Keeps what one file is about to replace.</summary>
    /// <exception cref="StoreException">It could not be kept.</exception>
    public async Task KeepAsync(FileInFlight file, CancellationToken ct)
    {
        if (context.Backup is { } backup && await FindAsync(backup, file, ct).ConfigureAwait(false) is { } kept)
        {
            await backup.MakeDurableAsync([kept], ct).ConfigureAwait(false);
            Tell(file, kept);
        }
    }

    /// <summary>Keeps what some files are about to replace; one for which that fails does not go on.</summary>
    public async Task KeepAsync(FileInFlight[] files, FileSteps steps, CancellationToken ct)
    {
        if (context.Backup is not { } backup)
        {
            return;
        }

        var kept = new KeptBackup?[files.Length];
        var place = files.Select((file, i) => (file, i)).ToDictionary(pair => pair.file, pair => pair.i);
        await steps.EachAsync(
            files, async (file, stop) => kept[place[file]] = await FindAsync(backup, file, stop).ConfigureAwait(false), ct).ConfigureAwait(false);
        int[] open = [.. Enumerable.Range(0, files.Length).Where(i => files[i].GoesOn && kept[i] is not null)];
        await FileSteps.TogetherAsync(
            [.. open.Select(i => files[i])], () => backup.MakeDurableAsync([.. open.Select(i => kept[i]!)], ct)).ConfigureAwait(false);
        foreach (int i in open.Where(i => files[i].GoesOn))
        {
            Tell(files[i], kept[i]!);
        }
    }

    /// <summary>Looks again just before a file that was kept is replaced: putting others aside may have taken hours, and what somebody wrote
    /// meanwhile is kept too.</summary>
    /// <exception cref="StoreException">It could not be kept.</exception>
    public async Task KeepNewerAsync(FileInFlight file, CancellationToken ct)
    {
        if (context.Backup is { } backup && file.Item.Existing is { } kept && await backup.HasChangedAsync(kept, ct).ConfigureAwait(false))
        {
            await KeepAsync(file, ct).ConfigureAwait(false);
        }
    }

    private static async Task<KeptBackup?> FindAsync(KeepBackup backup, FileInFlight file, CancellationToken ct)
    {
        if (file.Item.Existing is null)
        {
            // It is published create-only: there is nothing that it could replace.
            return null;
        }

        KeptBackup? kept = await backup.KeepAsync(file.Path, ct).ConfigureAwait(false);
        file.Item = file.Item with { Existing = kept?.Entry ?? file.Item.Existing };
        return kept;
    }

    private void Tell(FileInFlight file, KeptBackup kept)
    {
        if (file.Backup != kept.Name)
        {
            file.Backup = kept.Name;
            run.CountBackedUp();
            context.Observer.On(new FileBackedUp(file.Path, kept.Name, kept.Entry.Length));
        }
    }
}
