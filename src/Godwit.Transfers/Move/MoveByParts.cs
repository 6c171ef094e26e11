using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>
/// Moves a file through Godwit by parts into an upload, which nobody sees until it is published. Parts that an earlier run left are
/// read again at the source and compared with the record, not sent again.
/// </summary>
internal sealed class MoveByParts(MoveContext context, ProveFile prove)
{
    /// <summary>Afterwards the upload holds the file, or the file's failure is thrown.</summary>
    public async Task MoveAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry pinned = file.Item.Source;
        WriteOptions options = context.WriteOptionsFor(file);
        IPartedWrite destination = context.Destination.PartedWrite!;
        var plan = PartPlan.For(pinned.Length, context.Policy.PartSize, destination.Limits);
        IReadOnlyDictionary<int, FilePart> done = await TakeUpAsync(file, plan, options, ct).ConfigureAwait(false);
        if (done.Count > 0)
        {
            plan = plan with { PartSize = file.Unfinished!.PartSize };
        }

        // Space is not set aside for what the source itself does not hold: a sparse file stays sparse.
        long? setAside = pinned.Allocated < pinned.Length / 10 * 9 ? null : pinned.Length;
        file.MayHaveUpload = true;
        file.Upload ??= await destination.BeginAsync(file.Path, file.Tag, setAside, options, ct).ConfigureAwait(false);
        if ((plan.Count > 1 || !destination.Limits.FindsByTag) && done.Count == 0)
        {
            await context.Ledger.RecordUploadAsync(file.LedgerFile, file.Upload.Id, plan.PartSize, ct).ConfigureAwait(false);
        }

        file.Parts = new StoredPart[plan.Count];
        file.PartChecksums = new Checksum[plan.Count];
        var reader = new ReadSource(context.Source, pinned, context.Time);
        await using ConfiguredAsyncDisposable _ = reader.ConfigureAwait(false);
        using var digests = new ChecksumSet(context.SequentialKinds);
        var run = new Run(file, plan, reader, digests, done);
        await MovePartsAsync(run, ct).ConfigureAwait(false);
        await ReadSource.RequireUnchangedAsync(context.Source, pinned, ct).ConfigureAwait(false);
        file.Checksums = [WholeOf(file.PartChecksums, plan), .. digests.Finish()];
        await prove.SourceAsync(file, ct).ConfigureAwait(false);
    }

    private async Task MovePartsAsync(Run run, CancellationToken ct)
    {
        if (run.Plan.Count == 1)
        {
            await MovePartAsync(run, 1, ct).ConfigureAwait(false);
            return;
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.Policy.Parts, CancellationToken = ct };
        await Parallel.ForEachAsync(
            Enumerable.Range(1, run.Plan.Count), parallel, async (number, stop) => await MovePartAsync(run, number, stop).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private async ValueTask MovePartAsync(Run run, int number, CancellationToken ct)
    {
        (long offset, int length) = (run.Plan.OffsetOf(number), run.Plan.LengthOf(number));

        // In order: a part that waits for an earlier one must not hold the memory which that one needs.
        await run.RentOrder.WaitTurnAsync(number, ct).ConfigureAwait(false);
        using ByteBudget.Buffer buffer = await context.Buffers.RentAsync(length, ct).ConfigureAwait(false);
        run.RentOrder.Passed(number);
        Memory<byte> bytes = buffer.Array.AsMemory(0, length);
        await run.Reader.ReadPartAsync(number, offset, bytes, ct).ConfigureAwait(false);
        Checksum checksum = MoveContext.ChecksumOf(ChooseProof.WorkingKind, bytes.Span);
        run.File.PartChecksums[number - 1] = checksum;
        if (run.Digests.Kinds.Count > 0)
        {
            await run.DigestOrder.WaitTurnAsync(number, ct).ConfigureAwait(false);
            run.Digests.Append(bytes.Span);
            run.DigestOrder.Passed(number);
        }

        if (run.Done.TryGetValue(number, out FilePart? left) && left.Length == length && left.Checksum == checksum)
        {
            run.File.Parts[number - 1] = new StoredPart(number, offset, length, left.Token);
            return;
        }

        await WritePartAsync(run, number, offset, bytes, checksum, ct).ConfigureAwait(false);
    }

    private async ValueTask WritePartAsync(
        Run run, int number, long offset, ReadOnlyMemory<byte> bytes, Checksum checksum, CancellationToken ct)
    {
        Checksum? expected = context.Proof != Proof.OnArrival ? null
            : MoveContext.ChecksumOf(context.Destination.ArrivalChecksum!.Kinds[0], bytes.Span);
        StoredPart part = await context.Destination.PartedWrite!
            .WritePartAsync(run.File.Upload!, number, offset, WriteSource.From(bytes), expected, ct).ConfigureAwait(false);
        run.File.Parts[number - 1] = part;
        run.File.CountSent(bytes.Length);
        context.Observer.OnBytes(run.File.Path, bytes.Length);
        if (run.Plan.Count > 1)
        {
            var record = new FilePart(number, offset, bytes.Length, checksum, part.Token);
            await context.Ledger.RecordPartsAsync(run.File.LedgerFile, [record], ct).ConfigureAwait(false);
        }
    }

    /// <summary>Takes up what an earlier run, or an earlier try of this one, left. Gives the parts that need not be sent again.</summary>
    private async Task<IReadOnlyDictionary<int, FilePart>> TakeUpAsync(
        FileInFlight file, PartPlan plan, WriteOptions options, CancellationToken ct)
    {
        if (file.Upload is not null || file.Unfinished is not { PartSize: > 0 } left || file.Attempts > 1)
        {
            return NothingDone;
        }

        file.Upload = await context.Destination.PartedWrite!
            .ResumeAsync(file.Path, file.Tag, left.UploadId, plan.Length, options, ct).ConfigureAwait(false);
        if (file.Upload is null)
        {
            return NothingDone;
        }

        IReadOnlyList<StoredPart>? held = await context.Destination.PartedWrite!.ListPartsAsync(file.Upload, ct).ConfigureAwait(false);
        var heldNumbers = held?.Select(part => part.Number).ToHashSet();
        return left.Parts.Where(part => heldNumbers?.Contains(part.Number) != false).ToDictionary(part => part.Number);
    }

    private static Checksum WholeOf(Checksum[] parts, PartPlan plan)
    {
        Checksum whole = parts.Length == 0 ? MoveContext.ChecksumOf(ChooseProof.WorkingKind, []) : parts[0];
        for (int number = 2; number <= parts.Length; number++)
        {
            whole = Checksum.Combine(whole, parts[number - 1], plan.LengthOf(number));
        }

        return whole;
    }

    private static readonly Dictionary<int, FilePart> NothingDone = [];

    private sealed record Run(
        FileInFlight File, PartPlan Plan, ReadSource Reader, ChecksumSet Digests, IReadOnlyDictionary<int, FilePart> Done)
    {
        public InOrder RentOrder { get; } = new(1);

        public InOrder DigestOrder { get; } = new(1);
    }
}
