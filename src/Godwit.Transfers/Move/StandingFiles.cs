using Godwit.Storage;

namespace Godwit.Transfers.Move;

/// <summary>
/// What stands at the destination when a file is tried again, and may be replaced. Where the plan saw nothing, what stands there now may be
/// another file of this very run: on a file system that takes names which differ in case, or in how Unicode spells them, for one.
/// </summary>
internal sealed class StandingFiles(MoveContext context)
{
    // The coarsest time of an inode's change that is in use, FAT's.
    private const long Granularity = 2_000_000_000;

    private readonly Lock _lock = new();
    private Timestamp? _first;

    /// <summary>Takes note of a file that this run has put there.</summary>
    public void Add(StoreEntry published)
    {
        if (published.Inode is not { Changed: var changed })
        {
            return;
        }

        lock (_lock)
        {
            _first = _first is { } first && first < changed ? first : changed;
        }
    }

    /// <summary>What may be replaced; null for nothing, so that the file is only ever created.</summary>
    /// <exception cref="StoreException">A device, pipe or socket is there.</exception>
    public async ValueTask<StoreEntry?> LookAsync(FileInFlight file, CancellationToken ct)
    {
        bool hasSeen = context.Policy.Compare != CompareBy.Ledger;
        if (file.Item.Existing is null && hasSeen)
        {
            return null;
        }

        StoreEntry? there = await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false);
        if (there is { Kind: EntryKind.Other })
        {
            throw new StoreException(StoreErrorKind.Unsupported, "A device, pipe or socket is there.")
            {
                Side = StoreSide.Destination,
                Path = file.Path,
                SpecialInTheWay = true,
            };
        }

        return there is not null && file.Item.Existing is null && MayBeOfThisRun(there) ? null : there;
    }

    /// <summary>Judged by the clock of the file system alone. Where that tells no change, only stores without directories keep all names apart.</summary>
    private bool MayBeOfThisRun(StoreEntry there)
    {
        if (there.Inode is not { Changed: var changed })
        {
            return context.Destination.Directories is not null;
        }

        lock (_lock)
        {
            return _first is { } first && changed.Nanoseconds >= first.Nanoseconds - Granularity;
        }
    }
}
