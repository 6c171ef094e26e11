using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>What every mover of one transfer shares.</summary>
internal sealed class MoveContext(TransferRequest request, ILedger ledger, ITransferObserver observer, TimeProvider time)
{
    public string Id { get; } = request.Id;

    public IStore Source { get; } = request.Source;

    public IStore Destination { get; } = request.Destination;

    public TransferPolicy Policy { get; } = request.Policy;

    public ILedger Ledger { get; } = ledger;

    public ITransferObserver Observer { get; } = observer;

    public TimeProvider Time { get; } = time;

    /// <summary>The memory that file content may take.</summary>
    public ByteBudget Buffers { get; } = new(request.Policy.BufferBytes);

    /// <summary>By which fact files are proved.</summary>
    public Proof Proof { get; } = ChooseProof.For(request.Destination, request.Policy.Verify);

    /// <summary>The checksum of a file that the source itself has, to hold what was read against; null where it can have none.</summary>
    public ChecksumKind? SourceKindOf(StoreEntry pinned) =>
        Source.StoredChecksum is not { } stored || Policy.Verify == VerifyBy.Size ? null
        : !stored.IsToldWithEntries ? stored.Kinds[0]
        : pinned.Checksums.Count > 0 ? pinned.Checksums[0].Kind
        : null;

    /// <summary>Checksums of a whole file that have to be computed from the first byte to the last: those that were asked for, the one that
    /// the source can be held against, and the one that the destination tells.</summary>
    public IReadOnlyList<ChecksumKind> SequentialKinds(StoreEntry pinned)
    {
        List<ChecksumKind> kinds = [.. Policy.Checksums];
        if (SourceKindOf(pinned) is { } source)
        {
            kinds.Add(source);
        }

        if (Proof == Proof.StoredAfter)
        {
            kinds.Add(Destination.StoredChecksum!.Kinds[0]);
        }

        return [.. kinds.Where(kind => kind != ChooseProof.WorkingKind).Distinct()];
    }

    /// <summary>How this file is written.</summary>
    public WriteOptions WriteOptionsFor(FileInFlight file) => new()
    {
        CreateOnly = file.Item.Existing is null || Policy.NoOverwrite,
        Metadata = new WriteMetadata { Modified = file.Item.Source.Modified, Mode = file.Item.Source.Mode },
    };

    /// <summary>What the ledger knows the file by.</summary>
    public FileIntent IntentOf(FileInFlight file) => new(
        Source.Identity.Space,
        Source.Identity.Absolute(file.Item.Source.Path),
        FileIntent.VersionOf(file.Item.Source),
        Destination.Identity.Space,
        Destination.Identity.Absolute(file.Path),
        file.Item.Source.Length,
        file.Tag);

    /// <summary>The checksum of bytes in memory.</summary>
    public static Checksum ChecksumOf(ChecksumKind kind, ReadOnlySpan<byte> bytes)
    {
        using var running = RunningChecksum.Start(kind);
        running.Append(bytes);
        return running.Finish();
    }
}
