using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Check;

/// <summary>Compares what is at one path in both stores.</summary>
internal sealed class CompareContents(IStore source, IStore destination, CheckOptions options, TimeProvider time) : IDisposable
{
    private const int BlockBytes = 4 << 20;

    private readonly SemaphoreSlim _places = new(options.Comparisons);
    private readonly long _precision = source.Limits.TimePrecision == 0 || destination.Limits.TimePrecision == 0
        ? 0
        : Math.Max(source.Limits.TimePrecision, destination.Limits.TimePrecision);

    /// <summary>The line for a path that both have. An error of either store is a line too; only cancelling is thrown.</summary>
    public Task<CheckLine> JudgeAsync(StoreEntry left, StoreEntry right, CancellationToken ct)
    {
        if (left.Kind == EntryKind.Link)
        {
            bool same = right.LinkTarget is { } there && left.LinkTarget is { } here && there.Span.SequenceEqual(here.Span);
            return Line(left, CheckedBy.LinkTarget, same, same ? "the same link" : "the link points elsewhere or is none");
        }

        if (right.Kind != EntryKind.File)
        {
            return Line(left, null, false, "not a file there");
        }

        if (left.Length != right.Length)
        {
            return Line(left, CheckedBy.Size, false, $"size differs: {left.Length} and {right.Length} bytes");
        }

        return options.Compare switch
        {
            CompareBy.Checksum => ByContentAsync(left, right, ct),
            CompareBy.Modified when _precision > 0 && (left.Modified is null || right.Modified is null) => ByTimeLookedUpAsync(left, right, ct),
            CompareBy.Modified when _precision > 0 && left.Modified is { } here && right.Modified is { } there =>
                (left.ModifiedWithin is null ? destination.Limits.Kept(here).Floor(_precision) == there.Floor(_precision) : left.MayBeModified(there))
                    ? Line(left, CheckedBy.Modified, true, "same size and time")
                    : Line(left, CheckedBy.Modified, false, $"time differs: {here} and {there}"),
            _ => Line(left, CheckedBy.Size, true, "same size"),
        };
    }

    public void Dispose() => _places.Dispose();

    /// <summary>Looks at what a listing showed without its time. A store that has none even then leaves the sizes.</summary>
    private async Task<CheckLine> ByTimeLookedUpAsync(StoreEntry left, StoreEntry right, CancellationToken ct)
    {
        await _places.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            StoreEntry here = await SidedAsync(StoreSide.Source, LookAsync(source, left, ct)).ConfigureAwait(false);
            StoreEntry there = await SidedAsync(StoreSide.Destination, LookAsync(destination, right, ct)).ConfigureAwait(false);
            return here.Modified is null || there.Modified is null
                ? await Line(left, CheckedBy.Size, true, "same size").ConfigureAwait(false)
                : await JudgeAsync(here, there, ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            var failure = FileFailure.From(e, StoreSide.Unknown);
            return new CheckLine(CheckVerdict.Error, left.Path, failure.Message, failure);
        }
        finally
        {
            _places.Release();
        }
    }

    private static ValueTask<StoreEntry> LookAsync(IStore store, StoreEntry entry, CancellationToken ct) =>
        entry.Modified is not null ? ValueTask.FromResult(entry) : LookCloselyAsync(store, entry, ct);

    private static async ValueTask<StoreEntry> LookCloselyAsync(IStore store, StoreEntry entry, CancellationToken ct) =>
        await store.StatAsync(entry.Path, ct).ConfigureAwait(false)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"\"{entry.Path}\" was listed and is gone.") { Path = entry.Path };

    private async Task<CheckLine> ByContentAsync(StoreEntry left, StoreEntry right, CancellationToken ct)
    {
        await _places.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            (bool same, CheckedBy by) = (options.Download ? null : await SameChecksumAsync(left, right, ct).ConfigureAwait(false))
                ?? (await SameBytesAsync(left, right, ct).ConfigureAwait(false), CheckedBy.Reading);
            string what = by == CheckedBy.Reading ? "bytes" : "checksums";
            return await Line(left, by, same, same ? $"same {what}" : $"{what} differ").ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            var failure = FileFailure.From(e, StoreSide.Unknown);
            return new CheckLine(CheckVerdict.Error, left.Path, failure.Message, failure);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Asks both stores for a checksum that they computed from what they hold; null when none of them has one, and when one that would
    /// have to be read tells the other's only with its entries.</summary>
    private async Task<(bool Same, CheckedBy By)?> SameChecksumAsync(StoreEntry left, StoreEntry right, CancellationToken ct)
    {
        if (source.StoredChecksum is not { } here || destination.StoredChecksum is not { } there)
        {
            return await SameAsReadAsync(left, right, ct).ConfigureAwait(false) is { } asRead ? (asRead, CheckedBy.ReadingOne) : null;
        }

        if (here.IsToldWithEntries && there.IsToldWithEntries)
        {
            return await SameToldChecksumAsync(left, right, ct).ConfigureAwait(false) is { } asTold ? (asTold, CheckedBy.StoredChecksum) : null;
        }

        foreach (ChecksumKind kind in here.Kinds.Intersect(there.Kinds))
        {
            Checksum? ours = await SidedAsync(StoreSide.Source, here.GetAsync(left.Path, kind, ct)).ConfigureAwait(false);
            Checksum? theirs = await SidedAsync(StoreSide.Destination, there.GetAsync(right.Path, kind, ct)).ConfigureAwait(false);
            if (ours is { } known && theirs is { } other)
            {
                return (known == other, CheckedBy.StoredChecksum);
            }
        }

        return null;
    }

    /// <summary>Where one store computes a checksum when it is asked, or told the one that is computed anyway, only the other's file is read; null where
    /// none does.</summary>
    private async Task<bool?> SameAsReadAsync(StoreEntry left, StoreEntry right, CancellationToken ct)
    {
        (IStore asked, StoreEntry told, StoreSide side) = source.StoredChecksum is null
            ? (destination, right, StoreSide.Destination)
            : (source, left, StoreSide.Source);
        (IStore read, StoreEntry bytes, StoreSide other) = side == StoreSide.Source
            ? (destination, right, StoreSide.Destination)
            : (source, left, StoreSide.Source);
        Checksum? known = asked.StoredChecksum switch
        {
            null => null,
            { IsToldWithEntries: true } => told.Checksums.Cast<Checksum?>().FirstOrDefault(sum => sum!.Value.Kind == ChooseProof.WorkingKind),
            var stored => await SidedAsync(side, stored.GetAsync(told.Path, stored.Kinds[0], ct)).ConfigureAwait(false),
        };
        if (known is not { } theirs)
        {
            return null;
        }

        (IReadOnlyList<Checksum> ours, _) = await SidedAsync(
            other, new ValueTask<(IReadOnlyList<Checksum>, long)>(ChecksumReading.OfAsync(read, bytes.Path, [theirs.Kind], ct))).ConfigureAwait(false);
        return ours[0] == theirs;
    }

    /// <summary>Of two stores that tell all they know at a look, which costs one call each however many kinds there are.</summary>
    private async Task<bool?> SameToldChecksumAsync(StoreEntry left, StoreEntry right, CancellationToken ct)
    {
        StoreEntry here = await SidedAsync(StoreSide.Source, LookCloselyAsync(source, left, ct)).ConfigureAwait(false);
        StoreEntry there = await SidedAsync(StoreSide.Destination, LookCloselyAsync(destination, right, ct)).ConfigureAwait(false);
        foreach (Checksum ours in here.Checksums)
        {
            foreach (Checksum theirs in there.Checksums)
            {
                if (ours.Kind == theirs.Kind)
                {
                    return ours == theirs;
                }
            }
        }

        return here.Parted is { } cut && there.Parted is { } other && cut.PartSize == other.PartSize ? cut == other : null;
    }

    /// <summary>Reads both side by side, a block of each at a time, until they differ or end.</summary>
    private async Task<bool> SameBytesAsync(StoreEntry left, StoreEntry right, CancellationToken ct)
    {
        var here = new ReadSource(source, left, time);
        await using ConfiguredAsyncDisposable _ = here.ConfigureAwait(false);
        var there = new ReadSource(destination, right, time);
        await using ConfiguredAsyncDisposable __ = there.ConfigureAwait(false);
        int block = (int)Math.Min(BlockBytes, left.Length);
        var ours = new byte[block];
        var theirs = new byte[block];
        int number = 1;
        for (long offset = 0; offset < left.Length; offset += block, number++)
        {
            int length = (int)Math.Min(block, left.Length - offset);
            Task reading = SidedAsync(StoreSide.Source, here.ReadPartAsync(number, offset, ours.AsMemory(0, length), ct));
            Task readingThere = SidedAsync(StoreSide.Destination, there.ReadPartAsync(number, offset, theirs.AsMemory(0, length), ct));
            await Task.WhenAll(reading, readingThere).ConfigureAwait(false);
            if (!ours.AsSpan(0, length).SequenceEqual(theirs.AsSpan(0, length)))
            {
                return false;
            }
        }

        if (left.Length == 0)
        {
            // No byte was read that could have told.
            await SidedAsync(StoreSide.Source, ReadSource.RequireUnchangedAsync(source, left, ct)).ConfigureAwait(false);
            await SidedAsync(StoreSide.Destination, ReadSource.RequireUnchangedAsync(destination, right, ct)).ConfigureAwait(false);
        }

        return true;
    }

    private static async Task SidedAsync(StoreSide side, ValueTask call)
    {
        try
        {
            await call.ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            e.Side = side;
            throw;
        }
    }

    private static async Task<T> SidedAsync<T>(StoreSide side, ValueTask<T> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            e.Side = side;
            throw;
        }
    }

    private static Task<CheckLine> Line(StoreEntry entry, CheckedBy? by, bool same, string reason) =>
        Task.FromResult(new CheckLine(same ? CheckVerdict.Match : CheckVerdict.Differs, entry.Path, reason, By: by));
}
