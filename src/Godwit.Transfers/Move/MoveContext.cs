using System.Buffers;
using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Backup;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>What every mover of one transfer shares.</summary>
internal sealed class MoveContext(TransferRequest request, ILedger ledger, ITransferObserver observer, TimeProvider time)
{
    private const int LargeFiles = 4;
    private const int BlockBytes = 1 << 20;
    private const int SmallBlockBytes = 64 << 10;

    public string Id { get; } = request.Id;

    public IStore Source { get; } = request.Source;

    public IStore Destination { get; } = request.Destination;

    /// <summary>Keeps what is replaced or deleted; null where that is lost.</summary>
    public KeepBackup? Backup { get; } = request.Backup is { } backup ? new KeepBackup(request.Destination, backup, time) : null;

    public TransferPolicy Policy { get; } = request.Policy;

    public ILedger Ledger { get; } = ledger;

    public ITransferObserver Observer { get; } = observer;

    public TimeProvider Time { get; } = time;

    /// <summary>The memory that file content may take.</summary>
    public ByteBudget Buffers { get; } = new(request.Policy.BufferBytes);

    /// <summary>Files at once.</summary>
    /// <remarks>As many as keep the one busy that bears more; what the other bears at once is kept by its own layer
    /// (<see cref="LimitConcurrency"/>).</remarks>
    public int FilesAtOnce { get; } = request.Policy.Transfers ?? request.FilesAtOnce
        ?? Math.Max(request.Source.Limits.DefaultConcurrency, request.Destination.Limits.DefaultConcurrency);

    /// <summary>Large files at once: of each several parts are under way.</summary>
    public int LargeFilesAtOnce { get; } = request.Policy.Transfers ?? LargeFiles;

    /// <summary>By which fact files are proved.</summary>
    public Proof Proof { get; } = ChooseProof.For(request.Destination, request.Policy.Verify);

    /// <summary>What the source says the bytes of a file are, to hold what was read against; null where it says nothing, or nobody
    /// wants to know.</summary>
    public SourceClaim? ClaimOf(StoreEntry pinned) =>
        Source.StoredChecksum is not { } stored || Policy.Verify == VerifyBy.Size ? null
        : stored.IsToldWithEntries ? SourceClaim.ToldBy(pinned)
        : new SourceClaim(SourceProof.Stored, stored.Kinds[0]);

    /// <summary>Throws an upload of a file away, unless an earlier run was ending it and the server may still be at that.</summary>
    public async ValueTask AbortAsync(FileInFlight file, PartedUpload upload, CancellationToken ct)
    {
        if (file.Unfinished is not { } left || left.UploadId != upload.Id || !LeftUpload.MayBeCompleting(left, Time))
        {
            await Destination.PartedWrite!.AbortAsync(upload, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Starts the checksums of a whole file that have to be computed from the first byte to the last: those that were asked for, the
    /// one that the source can be held against, the one that a list names, and the one that the destination tells.</summary>
    /// <param name="item">The file.</param>
    /// <param name="first">Computed too, as the first of them; null where it comes of the parts.</param>
    /// <param name="withParted">Whether the one over the object's parts is among them.</param>
    public ChecksumSet DigestsOf(PlanItem item, ChecksumKind? first = null, bool withParted = true)
    {
        SourceClaim? claim = ClaimOf(item.Source);
        List<ChecksumKind> kinds = [.. Policy.Checksums];
        if (claim is { Parted: null } whole)
        {
            kinds.Add(whole.Kind);
        }

        if (item.Expected is { } expected)
        {
            kinds.Add(expected.Kind);
        }

        if (ChooseProof.WholeKind(Destination, Proof) is { } compared)
        {
            kinds.Add(compared);
        }

        kinds.RemoveAll(kind => kind == ChooseProof.WorkingKind);
        if (first is { } working)
        {
            kinds.Insert(0, working);
        }

        return new ChecksumSet(kinds, withParted ? claim?.Parted?.PartSize : null);
    }

    /// <summary>The wish for the size of parts: one that holds whole parts of the object that is read, unless one was asked for.</summary>
    public long? PartSizeFor(StoreEntry pinned, PartLimits limits) =>
        Policy.PartSize ?? (ClaimOf(pinned)?.Parted is { } parted ? PartSums.AlignedTo(parted.PartSize, limits.UsualBytes, Policy.BufferBytes / 2) : null);

    /// <summary>Computes the checksum over the object's parts beside the moving; null where that is not asked for, or the parts do not fit.</summary>
    public PartSums? PartSumsOf(StoreEntry pinned, PartPlan plan) =>
        plan.Count > 0 && ClaimOf(pinned)?.Parted is { } parted && plan.PartSize % parted.PartSize == 0 ? new PartSums(plan.Length, parted.PartSize) : null;

    /// <summary>The checksum that the destination refuses other bytes by.</summary>
    public async ValueTask<Checksum> ArrivalChecksumAsync(ReadOnlyMemory<byte> bytes) => Destination.ArrivalChecksum!.Kinds[0] switch
    {
        ChecksumKind.Md5 => await ConcurrentMd5.HashAsync(bytes).ConfigureAwait(false),
        ChecksumKind kind => ChecksumOf(kind, bytes.Span),
    };

    /// <summary>How this file is written.</summary>
    public WriteOptions WriteOptionsFor(FileInFlight file) => new()
    {
        CreateOnly = file.Item.Existing is null || Policy.NoOverwrite,
        Metadata = new WriteMetadata
        {
            Modified = file.Item.Source.Modified,
            Mode = file.Item.Source.Mode,
            Noted = NotedOf(file.Item.Source),
        },
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

    /// <summary>The MD5 of a file as its source tells it: the kind that object stores and rclone write down.</summary>
    private Checksum? NotedOf(StoreEntry source)
    {
        foreach (Checksum sum in source.Checksums)
        {
            if (sum.Kind == ChecksumKind.Md5)
            {
                return sum;
            }
        }

        // Only where the reading is held against it: a wrong one would be handed on.
        return ClaimOf(source) is { By: SourceProof.Noted, Value: { Kind: ChecksumKind.Md5 } noted } ? noted : null;
    }

    /// <summary>Opens a body, reads it to the end of a file, and gives all of it to the checksums.</summary>
    public async Task DigestAsync(Func<ValueTask<Stream>> open, ChecksumSet digests, long length, StorePath path, CancellationToken ct)
    {
        // The memory first: an open body keeps a place of its store, which others may need who have the memory.
        using ByteBudget.Buffer buffer = await Buffers
            .RentAsync((int)Math.Min(BlockBytes, Math.Max(length, 1)), ct).ConfigureAwait(false);
        await DigestAsync(open, buffer.Array, digests, length, path, ct).ConfigureAwait(false);
    }

    /// <summary>Does the same for a caller who may hold memory of the budget already, and so must not wait for more.</summary>
    public static async Task DigestBesideAsync(
        Func<ValueTask<Stream>> open, ChecksumSet digests, long length, StorePath path, CancellationToken ct)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(SmallBlockBytes);
        try
        {
            await DigestAsync(open, block, digests, length, path, ct).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private static async Task DigestAsync(
        Func<ValueTask<Stream>> open, byte[] blocks, ChecksumSet digests, long length, StorePath path, CancellationToken ct)
    {
        Stream body = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = body.ConfigureAwait(false);
        for (long left = length; left > 0;)
        {
            Memory<byte> block = blocks.AsMemory(0, (int)Math.Min(left, Math.Min(blocks.Length, BlockBytes)));
            await ReadSource.FillAsync(body, block, path, ct).ConfigureAwait(false);
            digests.Append(block.Span);
            left -= block.Length;
        }
    }

    /// <summary>Reads a small file into memory, and tells what it was then.</summary>
    public async Task<(StoreEntry Pinned, ByteBudget.Buffer Bytes)> ReadWholeAsync(StoreEntry entry, CancellationToken ct)
    {
        ByteBudget.Buffer buffer = await Buffers.RentAsync((int)entry.Length, ct).ConfigureAwait(false);
        try
        {
            StoreBody body = await ReadSource.OpenPinnedAsync(Source, entry, ct).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable _ = body.ConfigureAwait(false);
            await ReadSource.FillAsync(body.Content, buffer.Array.AsMemory(0, (int)entry.Length), entry.Path, ct).ConfigureAwait(false);
            return (body.Entry, buffer);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>Holds what a store says it received against what was sent: not every server refuses bytes that do not match their checksum.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: it received others.</exception>
    public static void RequireReceived(FileInFlight file, Checksum? sent, Checksum? received)
    {
        if (sent is { } ours && received is { } theirs && ours.Kind == theirs.Kind && ours != theirs)
        {
            throw new StoreException(StoreErrorKind.Integrity, $"{ours} was sent to the destination, and it says that it received {theirs}.")
            {
                Side = StoreSide.Destination,
                Path = file.Path,
            };
        }
    }

    /// <summary>The checksum of bytes in memory.</summary>
    public static Checksum ChecksumOf(ChecksumKind kind, ReadOnlySpan<byte> bytes)
    {
        using var running = RunningChecksum.Start(kind);
        running.Append(bytes);
        return running.Finish();
    }
}
