using Godwit.Storage;
using Godwit.Transfers.Check;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers;

/// <summary>Files that the plan did not see at the destination and that stood there when they were to get their names: another run, with a ledger of its
/// own, may have delivered the very same. Or an earlier run had put them there without proving them, and whoever they were for collected them
/// meanwhile.</summary>
internal sealed class AppearedFiles(MoveContext context, CompareContents compare, CleanUpFiles cleanUp, ProveFile prove)
{
    private readonly long _precision = PlanTransfer.CommonPrecision(context.Source.Limits, context.Destination.Limits);

    /// <summary>Takes those that a plan made now would leave as they are for there already. The others stay failed. A plan by the ledger has no other
    /// way to know: there the destination's own checksum tells, and the file gets the receipt that was missing.</summary>
    public async Task JudgeAsync(IEnumerable<FileInFlight> files, CancellationToken ct)
    {
        foreach (FileInFlight file in files.Where(MayBeThere))
        {
            try
            {
                StoreEntry? same = context.Policy.Compare == CompareBy.Ledger
                    ? await prove.ToldSameAsync(file, ct).ConfigureAwait(false) ?? await FindSameVersionAsync(file, ct).ConfigureAwait(false)
                    : await FindSameAsync(file, ct).ConfigureAwait(false);
                if (same is { } there)
                {
                    await cleanUp.RemoveUploadAsync(file, ct).ConfigureAwait(false);
                    file.Item = file.Item with { Existing = there };

                    // Only what its store told a checksum of gets a receipt.
                    file.Published = ReferenceEquals(file.Published, there) ? there : null;
                    (file.Failure, file.IsThere) = (null, true);
                }
            }
            catch (StoreException)
            {
                // The file has failed already, and why is known.
            }
        }
    }

    private bool MayBeThere(FileInFlight file) =>
        (MayHaveAppeared(file) || MayBeCollected(file))
        && file.Item is { Expected: null, Source.Kind: EntryKind.File }
        && context.Policy is { NoOverwrite: false, Compare: CompareBy.Modified or CompareBy.Size or CompareBy.Checksum or CompareBy.Ledger };

    private static bool MayHaveAppeared(FileInFlight file) => file is
    {
        Failure: { Kind: "already-exists", Side: StoreSide.Destination }, MayStand: false, Published: null, Item.Existing: null,
    };

    /// <summary>What cannot be read to prove it, or stands in its own way, after another run or an earlier try had put it there. What may be of an earlier
    /// try was read already, and was refused: only a checksum speaks for it then.</summary>
    private bool MayBeCollected(FileInFlight file) =>
        context.Destination.Limits.TellsCollected
        && file.Failure is { Side: StoreSide.Destination, Kind: var kind }
        && (kind == "not-found" || (kind == "already-exists" && (!file.MayStand || context.Policy.Compare == CompareBy.Ledger)));

    /// <summary>What a store that tells checksums with its entries has none of is known there by the version that was seen of it elsewhere. That is no proof:
    /// the file gets no receipt.</summary>
    private async Task<StoreEntry?> FindSameVersionAsync(FileInFlight file, CancellationToken ct) =>
        context.Destination.StoredChecksum is { IsToldWithEntries: true }
        && file.Item.Source.ResumeVersion is { } version
        && await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false) is { Kind: EntryKind.File, Checksums.Count: 0 } there
        && there.Length == file.Item.Source.Length && there.ResumeVersion == version && there.Version != version
            ? there
            : null;

    private async Task<StoreEntry?> FindSameAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry? there = await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false);
        if (there is not { Kind: EntryKind.File } || !await IsItsOwnNameAsync(there, ct).ConfigureAwait(false))
        {
            return null;
        }

        TransferPolicy policy = context.Policy with { StableFor = TimeSpan.Zero };
        PlanItem item = DecideFile.For(
            file.Item.Source, there, file.Path, context.Destination.Limits, policy, _precision, context.Destination.Directories is not null,
            Timestamp.From(context.Time.GetUtcNow()), context.Destination.Identity.Root);
        bool isEnough = item.Decision == PlanDecision.Unchanged && !policy.RemoveSource;
        bool isCompared = item.Decision is PlanDecision.Unchanged or PlanDecision.Compare;
        return isEnough || (isCompared && (await compare.JudgeAsync(file.Item.Source, there, ct).ConfigureAwait(false)).Verdict == CheckVerdict.Match)
            ? there
            : null;
    }

    /// <summary>Whether the file has this very name, and not one that the store does not tell from it, of another file of the source perhaps. Only plain
    /// names are asked about: how Unicode is spelt differs in too many ways.</summary>
    private async Task<bool> IsItsOwnNameAsync(StoreEntry there, CancellationToken ct)
    {
        if (context.Destination.Directories is null)
        {
            return true;
        }

        byte[] other = [.. there.Path.Bytes.ToArray().Select(Swapped)];
        bool isPlain = other.All(b => b is > 0x20 and < 0x7f) && other[^1] != (byte)'.';
        return isPlain && (other.AsSpan().SequenceEqual(there.Path.Bytes)
            || await context.Destination.StatAsync(StorePath.FromBytes(other), ct).ConfigureAwait(false) is null);
    }

    private static byte Swapped(byte letter) => char.IsAsciiLetter((char)letter) ? (byte)(letter ^ 0x20) : letter;
}
