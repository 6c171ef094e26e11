using Godwit.Storage;
using Godwit.Transfers.Check;
using Godwit.Transfers.Move;

namespace Godwit.Transfers.Backup;

/// <summary>What was put aside.</summary>
/// <param name="Entry">The destination's entry as it is now; a second name changes its <see cref="StoreEntry.Version"/>.</param>
/// <param name="Name">Where it is kept, below the directory for what is put aside.</param>
internal sealed record KeptBackup(StoreEntry Entry, StorePath Name);

/// <summary>
/// Keeps what is about to be replaced or deleted at the destination in another directory of the same system. The destination's file stays in
/// its place: by a second name where the system has those, else as a copy that is proved. Nothing that was put aside before is replaced.
/// </summary>
internal sealed class KeepBackup : IDisposable
{
    private const int Tries = 4;
    private const int AtOnce = 8;

    private readonly IStore _destination;
    private readonly IStore _backup;
    private readonly CompareContents _compare;
    private volatile bool _copyRefused;

    /// <param name="destination">Where files are replaced.</param>
    /// <param name="backup">Where they are kept; it is the destination's own system.</param>
    /// <param name="time">The clock.</param>
    public KeepBackup(IStore destination, IStore backup, TimeProvider time)
    {
        (_destination, _backup) = (destination, backup);
        _compare = new CompareContents(destination, backup, new CheckOptions { Compare = CompareBy.Checksum, Comparisons = AtOnce }, time);
    }

    /// <summary>The path of what is kept, within the destination's space.</summary>
    public StorePath Absolute(StorePath name) => _backup.Identity.Absolute(name);

    /// <summary>Keeps a file or link under the first name that is free.</summary>
    /// <returns>Null when there is nothing to keep: nothing is there, or a directory. It is not durable yet.</returns>
    /// <exception cref="StoreException">It could not be kept, and must not be replaced.</exception>
    public async Task<KeptBackup?> KeepAsync(StorePath path, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            StoreEntry? now = await _destination.StatAsync(path, ct).ConfigureAwait(false);
            if (now is null or { Kind: EntryKind.Directory })
            {
                return null;
            }

            StoreException changed;
            try
            {
                StorePath name = await KeepAsync(now, ct).ConfigureAwait(false);
                StoreEntry? after = await _destination.StatAsync(path, ct).ConfigureAwait(false);
                if (after is not null && IsSame(now, after))
                {
                    return new KeptBackup(after, name);
                }

                changed = Failed(path, StoreErrorKind.PreconditionFailed, "it changes while it is put aside");
            }
            catch (StoreException e) when (PublishFile.MayHaveTakenEffect(e) || e.Kind == StoreErrorKind.PreconditionFailed)
            {
                // An answer was lost, or somebody wrote: the next try finds what was kept by this one.
                changed = e;
            }

            if (attempt == Tries)
            {
                throw changed;
            }
        }
    }

    /// <summary>Whether something is there that is not what was kept.</summary>
    public async Task<bool> HasChangedAsync(StoreEntry kept, CancellationToken ct) =>
        await _destination.StatAsync(kept.Path, ct).ConfigureAwait(false) is { } now && !now.IsSameVersion(kept);

    /// <summary>Makes what was put aside survive a power failure.</summary>
    public async ValueTask MakeDurableAsync(IReadOnlyList<KeptBackup> kept, CancellationToken ct)
    {
        if (kept.Count > 0 && _backup.Durability is { } durability)
        {
            await durability.SyncPublishedAsync([.. kept.Select(one => one.Name)], ct).ConfigureAwait(false);
        }
    }

    public void Dispose() => _compare.Dispose();

    private async Task<StorePath> KeepAsync(StoreEntry now, CancellationToken ct)
    {
        for (int number = 0; number <= BackupName.Most; number++)
        {
            StorePath name = BackupName.Of(now.Path, number);
            if (_backup.Limits.Refuses(_backup.Identity.Absolute(name)) is { } refusal)
            {
                throw Failed(now.Path, StoreErrorKind.InvalidRequest, $"it cannot be put aside as \"{name}\": {refusal}");
            }

            StoreEntry? there = await _backup.StatAsync(name, ct).ConfigureAwait(false);
            if (there is null ? await TryPutAsync(now, name, ct).ConfigureAwait(false) : await IsBackupOfAsync(now, there, ct).ConfigureAwait(false))
            {
                return name;
            }
        }

        throw Failed(now.Path, StoreErrorKind.AlreadyExists, $"{BackupName.Most} older ones are kept already; clear {_backup.Identity}, or name another directory");
    }

    /// <summary>Whether an earlier run, or an earlier try, kept this very content.</summary>
    private async Task<bool> IsBackupOfAsync(StoreEntry now, StoreEntry there, CancellationToken ct) =>
        (now.Inode is { } inode && inode == there.Inode)
        || (now.Kind == there.Kind && now.Length == there.Length && now.Modified == there.Modified && await HasSameContentAsync(now, there, ct).ConfigureAwait(false));

    private async Task<bool> HasSameContentAsync(StoreEntry now, StoreEntry there, CancellationToken ct)
    {
        CheckLine line = await _compare.JudgeAsync(now, there, ct).ConfigureAwait(false);
        return line.Verdict == CheckVerdict.Match;
    }

    /// <returns>False when something got the name meanwhile.</returns>
    private async Task<bool> TryPutAsync(StoreEntry now, StorePath name, CancellationToken ct)
    {
        try
        {
            if (await TryLinkAsync(now, name, ct).ConfigureAwait(false))
            {
                return true;
            }

            StoreEntry copy = await CopyAsync(now, name, ct).ConfigureAwait(false);
            if (await HasSameContentAsync(now, copy, ct).ConfigureAwait(false))
            {
                return true;
            }

            await _backup.DeleteAsync(name, ct).ConfigureAwait(false);
            throw Failed(now.Path, StoreErrorKind.PreconditionFailed, "its copy does not hold its bytes");
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists)
        {
            return false;
        }
    }

    private async Task<bool> TryLinkAsync(StoreEntry now, StorePath name, CancellationToken ct)
    {
        if (_backup.HardLinks is not { } links || !links.CanLinkFrom(_destination.Identity))
        {
            return false;
        }

        try
        {
            await links.LinkAsync(_destination.Identity, now.Path, name, ct).ConfigureAwait(false);
            return true;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Unsupported)
        {
            return false;
        }
    }

    private async Task<StoreEntry> CopyAsync(StoreEntry now, StorePath name, CancellationToken ct)
    {
        var options = new WriteOptions { CreateOnly = true, Metadata = new WriteMetadata { Modified = now.Modified, Mode = now.Mode, Noted = now.Noted } };
        if (now is { Kind: EntryKind.Link, LinkTarget: { } target } && _backup.Links is { } links)
        {
            return await links.CreateAsync(name, target, options, ct).ConfigureAwait(false);
        }

        if (now.Kind != EntryKind.File)
        {
            throw Failed(now.Path, StoreErrorKind.Unsupported, "it is no file, and has no copy that could be kept");
        }

        if (!_copyRefused && _backup.ServerCopy is { } copying && copying.CanCopyFrom(_destination.Identity))
        {
            try
            {
                return await copying.CopyAsync(_destination.Identity, now.Path, now.Version, name, options, ct).ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Unsupported)
            {
                _copyRefused = true;
            }
        }

        var content = new WriteSource(now.Length, async open =>
            (await ReadSource.OpenPinnedAsync(_destination, now, open).ConfigureAwait(false)).Content);
        return await _backup.WriteAsync(name, content, options, ct).ConfigureAwait(false);
    }

    /// <summary>Whether nothing changed but, by a second name, the time of the inode's own change.</summary>
    private static bool IsSame(StoreEntry before, StoreEntry after) =>
        before.Inode is { } inode
            ? before.Kind == after.Kind && before.Length == after.Length && before.Modified == after.Modified && after.Inode?.Number == inode.Number
            : before.IsSameVersion(after);

    private static StoreException Failed(StorePath path, StoreErrorKind kind, string why) =>
        new(kind, $"\"{path}\" was not replaced or deleted: {why}.") { Path = path, Side = StoreSide.Destination };
}
