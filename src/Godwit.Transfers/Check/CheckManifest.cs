using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.Transfers.Check;

/// <summary>How a tree is held against a manifest.</summary>
public sealed record CheckManifestOptions
{
    /// <summary>Whether bytes are always read, even where the store tells a checksum of what it stored.</summary>
    public bool Download { get; init; }

    /// <summary>Which of the files that the manifest does not name are passed over.</summary>
    public Func<StorePath, bool> PassesOver { get; init; } = _ => false;

    /// <summary>Checksums that every file has to have in the manifest; empty for any.</summary>
    public Func<StorePath, IReadOnlyList<ChecksumKind>> Requires { get; init; } = _ => [];

    /// <summary>Which files are compared.</summary>
    public EntryFilter Filter { get; init; } = EntryFilter.All;

    /// <summary>Hears of each file that is there, in the order of the listing.</summary>
    public Action<StoreEntry> Seen { get; init; } = _ => { };

    /// <summary>Files that are read at once.</summary>
    /// <value>4: disks read few files at once well, and buckets have the processor wait.</value>
    public int Readings { get; init; } = 4;
}

/// <summary>
/// Holds a tree against a manifest, both ways: what it names has to be there with its checksums, and what is there has to be named. In
/// memory that grows with neither. In the lines, the manifest stands for the source.
/// </summary>
/// <param name="store">The tree.</param>
/// <param name="options">How.</param>
/// <param name="openScratch">Room for a manifest that does not fit in memory.</param>
public sealed class CheckManifest(IStore store, CheckManifestOptions options, OpenScratch openScratch)
{
    /// <summary>Why a file is missing that is named as it has to be.</summary>
    public const string Absent = "in the manifest, and not there";

    private const int SortInMemory = 200_000;
    private const int ChunkEntries = 512;

    /// <summary>One line for each path, in the order of the listing.</summary>
    /// <param name="manifest">The files that have to be there, in any order, each with its checksums; a file may come more than once, and one
    /// that has no checksum at all is never the same.</param>
    /// <param name="ct">Cancels it.</param>
    /// <exception cref="StoreException">The tree cannot be listed.</exception>
    public async IAsyncEnumerable<CheckLine> ReadAsync(IAsyncEnumerable<StoreEntry> manifest, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var listing = new TreeListingOptions { OpenScratch = openScratch, Descends = options.Filter.Descends };
        var unknown = new HashSet<StorePath>();
        var waiting = new Queue<Task<CheckLine>>();
        using var sorted = new ExternalSort<StoreEntry>(ListingOrder.Compare, EntryCodec.Instance, openScratch, SortInMemory);
        await foreach (StoreEntry entry in manifest.WithCancellation(ct).ConfigureAwait(false))
        {
            sorted.Add(entry);
        }

        await foreach (PairChunk chunk in MergeTrees.InStepAsync(Chunks(sorted), TreeListing.ReadAsync(store, listing, ct), ct).ConfigureAwait(false))
        {
            foreach (StoreException error in chunk.DestinationUnreadable)
            {
                unknown.Add(error.Path ?? StorePath.Root);
                yield return ErrorLine(error.Path ?? StorePath.Root, FileFailure.From(error, StoreSide.Destination));
            }

            foreach (TreePair pair in chunk.Pairs)
            {
                if (Judge(pair, unknown, ct) is not { } line)
                {
                    continue;
                }

                waiting.Enqueue(line);
                while (waiting.Count >= options.Readings || waiting.TryPeek(out Task<CheckLine>? first) && first.IsCompleted)
                {
                    yield return await waiting.Dequeue().ConfigureAwait(false);
                }
            }
        }

        while (waiting.TryDequeue(out Task<CheckLine>? line))
        {
            yield return await line.ConfigureAwait(false);
        }
    }

    /// <summary>The manifest in the shape of a listing; what is named more than once is one entry with all its checksums.</summary>
    private static async IAsyncEnumerable<ListingChunk> Chunks(ExternalSort<StoreEntry> sorted)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var chunk = new List<StoreEntry>();
        foreach (StoreEntry entry in sorted.InOrder())
        {
            if (chunk.Count > 0 && chunk[^1].Path == entry.Path)
            {
                chunk[^1] = chunk[^1] with { Checksums = [.. chunk[^1].Checksums.Union(entry.Checksums)] };
                continue;
            }

            if (chunk.Count == ChunkEntries)
            {
                yield return new ListingChunk([.. chunk[..^1]], []);
                chunk.RemoveRange(0, chunk.Count - 1);
            }

            chunk.Add(entry);
        }

        yield return new ListingChunk(chunk, []);
    }

    private Task<CheckLine>? Judge(TreePair pair, HashSet<StorePath> unknown, CancellationToken ct)
    {
        if (pair.Destination is { Kind: EntryKind.File } seen)
        {
            options.Seen(seen);
        }

        return (pair.Source, pair.Destination) switch
        {
            (null, { Kind: EntryKind.Directory }) => null,
            ({ } named, _) when !options.Filter.Includes(pair.Destination ?? named) => null,
            ({ } named, null) when IsUnknown(named.Path, unknown) => Unknown(named.Path),
            ({ } named, null) => Line(CheckVerdict.MissingOnDestination, named.Path, Lack(named) is { } lack ? $"not there, and {lack}" : Absent),
            (null, { Kind: EntryKind.File } there) when options.PassesOver(there.Path) || !options.Filter.Includes(there) => null,
            (null, { Kind: EntryKind.File } there) => Line(CheckVerdict.MissingOnSource, there.Path, "not in the manifest"),
            (null, { } other) => Line(CheckVerdict.Skipped, other.Path, "not a file"),
            ({ } named, { } there) => Task.Run(() => CompareAsync(named, there, ct), CancellationToken.None),
            _ => null,
        };
    }

    private async Task<CheckLine> CompareAsync(StoreEntry named, StoreEntry there, CancellationToken ct)
    {
        if (Lack(named) is { } lack)
        {
            return new CheckLine(CheckVerdict.Differs, named.Path, lack);
        }

        try
        {
            return (options.Download ? null : await ByStoredAsync(named, there, ct).ConfigureAwait(false))
                ?? await ByReadingAsync(named, ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            return ErrorLine(named.Path, FileFailure.From(e, StoreSide.Destination));
        }
    }

    /// <summary>What the manifest does not say of a file; null for nothing.</summary>
    private string? Lack(StoreEntry named) =>
        options.Requires(named.Path).Where(kind => named.Checksums.All(sum => sum.Kind != kind)).ToArray() is [var lacking, ..]
            ? $"the manifest of {Checksum.NameOf(lacking)} does not name it"
            : named.Checksums.Count == 0 ? "no manifest names it" : null;

    /// <summary>By what the store computed from what it holds; null where that does not tell of every kind that is named, nor that one differs.</summary>
    private async ValueTask<CheckLine?> ByStoredAsync(StoreEntry named, StoreEntry there, CancellationToken ct)
    {
        if (store.StoredChecksum is not { } stored)
        {
            return null;
        }

        ChecksumKind[] all = [.. named.Checksums.Select(sum => sum.Kind).Distinct()];
        ChecksumKind[] wanted = [.. all.Intersect(stored.Kinds)];
        IReadOnlyList<Checksum> told = there.Checksums;
        if (stored.IsToldWithEntries && wanted.Length > 0)
        {
            told = (await store.StatAsync(there.Path, ct).ConfigureAwait(false))?.Checksums ?? [];
        }
        else
        {
            foreach (ChecksumKind kind in wanted)
            {
                told = await stored.GetAsync(there.Path, kind, ct).ConfigureAwait(false) is { } sum ? [.. told, sum] : told;
            }
        }

        Checksum[] known = [.. told.Where(sum => wanted.Contains(sum.Kind))];
        CheckLine line = Verdict(named, known, CheckedBy.StoredChecksum);
        return line.Verdict == CheckVerdict.Match && all.Any(kind => known.All(sum => sum.Kind != kind)) ? null : line;
    }

    private async Task<CheckLine> ByReadingAsync(StoreEntry named, CancellationToken ct)
    {
        ChecksumKind[] kinds = [.. named.Checksums.Select(sum => sum.Kind).Distinct()];
        (IReadOnlyList<Checksum> found, _) = await ChecksumReading.OfAsync(store, named.Path, kinds, ct).ConfigureAwait(false);
        return Verdict(named, found, CheckedBy.Reading);
    }

    /// <summary>Every checksum of a kind that was found has to be the one that was found: a manifest that says two things is never right.</summary>
    private static CheckLine Verdict(StoreEntry named, IReadOnlyList<Checksum> found, CheckedBy by)
    {
        string how = by == CheckedBy.Reading ? "as it was read" : "as the store tells it";
        Checksum? wrong = named.Checksums.Where(sum => found.Any(one => one.Kind == sum.Kind && one != sum)).Cast<Checksum?>().FirstOrDefault();
        return wrong is { } sum
            ? new CheckLine(CheckVerdict.Differs, named.Path, $"{Checksum.NameOf(sum.Kind)} differs, {how}", By: by)
            : new CheckLine(CheckVerdict.Match, named.Path, $"same {string.Join(", ", found.Select(one => Checksum.NameOf(one.Kind)))}, {how}", By: by);
    }

    private static bool IsUnknown(StorePath path, HashSet<StorePath> unknown)
    {
        for (StorePath at = path; unknown.Count > 0 && !at.IsRoot; at = at.Parent)
        {
            if (unknown.Contains(at))
            {
                return true;
            }
        }

        return unknown.Contains(StorePath.Root);
    }

    private static Task<CheckLine> Unknown(StorePath path) => Task.FromResult(ErrorLine(path, new FileFailure(
        "not-known", StoreSide.Destination, "Whether it is there is not known: its directory could not be listed.", false, NextStep.GiveUp)));

    private static CheckLine ErrorLine(StorePath path, FileFailure failure) => new(CheckVerdict.Error, path, failure.Message, failure);

    private static Task<CheckLine> Line(CheckVerdict verdict, StorePath path, string reason) => Task.FromResult(new CheckLine(verdict, path, reason));
}
