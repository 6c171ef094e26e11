using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan;

namespace Godwit.Cli.Relay;

/// <summary>Adopts what a tree has and the box does not know.</summary>
/// <param name="places">The box and the tree.</param>
/// <param name="withChecksums">Whether each file's checksum is found out.</param>
/// <param name="dryRun">Whether it is only counted.</param>
/// <param name="time">The clock.</param>
internal sealed class RelayAdoption(RelayPlaces places, bool withChecksums, bool dryRun, TimeProvider time)
{
    private readonly IBoxAdoption _adoption = BoxLayouts.AdoptionIn(places.Box, places.Layout, time);
    private long _adopted;
    private long _bytes;
    private long _known;

    /// <summary>Files that were adopted, or would be.</summary>
    public long Adopted => _adopted;

    /// <summary>Their bytes.</summary>
    public long Bytes => _bytes;

    /// <summary>Files that the box knew.</summary>
    public long Known => _known;

    /// <summary>Runs it.</summary>
    /// <param name="filter">Which files.</param>
    /// <param name="atOnce">Files at once.</param>
    /// <param name="ct">Cancels it; what was adopted by then is.</param>
    /// <returns>What could not be listed, read or written. The others are adopted.</returns>
    public async IAsyncEnumerable<StoreException> RunAsync(EntryFilter filter, int atOnce, [EnumeratorCancellation] CancellationToken ct)
    {
        var options = new TreeListingOptions { OpenScratch = ScratchFile.Open, Descends = filter.Descends, Marks = filter.Marks };
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = ct };
        await foreach (ListingChunk chunk in TimedListing.ReadAsync(places.Tree, options, filter, ct).ConfigureAwait(false))
        {
            var errors = new ConcurrentQueue<StoreException>(chunk.Unreadable);
            StoreEntry[] files = [.. chunk.Entries.Where(entry => entry.Kind == EntryKind.File && filter.Includes(entry))];
            await Parallel.ForEachAsync(files, parallel, async (file, stop) =>
            {
                try
                {
                    await OneAsync(file, stop).ConfigureAwait(false);
                }
                catch (StoreException e)
                {
                    e.Path ??= file.Path;
                    errors.Enqueue(e);
                }
            }).ConfigureAwait(false);
            await _adoption.FinishAsync(ct).ConfigureAwait(false);
            foreach (StoreException error in errors)
            {
                yield return error;
            }
        }
    }

    private async ValueTask OneAsync(StoreEntry listed, CancellationToken ct)
    {
        if (!await _adoption.IsUnknownAsync(listed.Path, ct).ConfigureAwait(false))
        {
            Interlocked.Increment(ref _known);
            return;
        }

        if (!dryRun)
        {
            // A bucket's listing tells no times.
            StoreEntry file = listed.Modified is not null ? listed : await places.Tree.StatAsync(listed.Path, ct).ConfigureAwait(false)
                ?? throw new StoreException(StoreErrorKind.NotFound, $"\"{listed.Path}\" was listed and is gone.") { Path = listed.Path };
            Checksum? checksum = withChecksums || _adoption.NeedsChecksum ? await ChecksumOfAsync(file.Path, ct).ConfigureAwait(false) : null;
            if (!await _adoption.AdoptAsync(file, checksum, ct).ConfigureAwait(false))
            {
                Interlocked.Increment(ref _known);
                return;
            }
        }

        Interlocked.Increment(ref _adopted);
        Interlocked.Add(ref _bytes, listed.Length);
    }

    private async ValueTask<Checksum> ChecksumOfAsync(StorePath path, CancellationToken ct) =>
        places.Tree.StoredChecksum is { } stored && stored.Kinds.Contains(_adoption.Kind)
        && await stored.GetAsync(path, _adoption.Kind, ct).ConfigureAwait(false) is { } told
            ? told
            : (await ChecksumReading.OfAsync(places.Tree, path, [_adoption.Kind], ct).ConfigureAwait(false)).Checksums[0];
}
