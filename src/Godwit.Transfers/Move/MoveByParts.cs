using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>
/// Moves a file through Godwit by parts into an upload, which nobody sees until it is published. Parts that an earlier run or an earlier
/// try left are read again at the source and compared with the record, not sent again.
/// </summary>
internal sealed class MoveByParts(MoveContext context, ProveFile prove)
{
    private readonly TakeUpUpload _left = new(context);

    /// <summary>Afterwards the upload holds the file, or the file's failure is thrown.</summary>
    public async Task MoveAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry pinned = file.Item.Source;
        WriteOptions options = context.WriteOptionsFor(file);
        IPartedWrite destination = context.Destination.PartedWrite!;
        IReadOnlyDictionary<int, FilePart> done = await _left.TakeUpAsync(file, options, ct).ConfigureAwait(false);
        PartPlan plan = done.Count > 0
            ? new PartPlan(pinned.Length, file.Kept!.PartSize)
            : PartPlan.For(pinned.Length, context.PartSizeFor(pinned, destination.Limits), destination.Limits);

        using ByteBudget.Buffer? read = file.TakeRead();
        bool isStreamed = read is null && plan.PartSize > context.Policy.HeldPartBytes && plan.Count > 0;
        bool isOnePart = isStreamed && plan.Count == 1 && context.Proof != Proof.OnArrival;
        if (isStreamed && !isOnePart)
        {
            StreamPart.Require(context, pinned, plan);
        }

        // Space is not set aside for what the source itself does not hold: a sparse file stays sparse.
        long? setAside = pinned.Allocated < pinned.Length / 10 * 9 ? null : pinned.Length;
        file.MayHaveUpload = true;
        file.Upload ??= await destination.BeginAsync(file.Path, file.Tag, setAside, options with { PartSize = plan.PartSize }, ct).ConfigureAwait(false);
        if (isOnePart)
        {
            await StreamWholeAsync(file, ct).ConfigureAwait(false);
            return;
        }

        if ((plan.Count > 1 || !destination.Limits.FindsByTag) && done.Count == 0)
        {
            await context.Ledger.RecordUploadAsync(file.LedgerFile, file.Upload.Id, plan.PartSize, ct).ConfigureAwait(false);
            file.Kept = new KeptParts(FileIntent.VersionOf(pinned), pinned.Length, file.Upload.Id, plan.PartSize);
        }

        file.Parts = new StoredPart[plan.Count];
        file.PartChecksums = new Checksum[plan.Count];
        var reader = new ReadSource(context.Source, pinned, context.Time);
        await using ConfiguredAsyncDisposable _ = reader.ConfigureAwait(false);
        PartSums? sums = isStreamed ? null : context.PartSumsOf(pinned, plan);
        using ChecksumSet digests = context.DigestsOf(file.Item, withParted: sums is null);
        var run = new PartsInFlight(file, plan, reader, digests, sums, done, isStreamed ? new StreamPart(context, reader, pinned) : null)
        {
            Read = read,
        };
        await MovePartsAsync(run, ct).ConfigureAwait(false);
        if (plan.Count == 0)
        {
            // No byte was read that could have told.
            await ReadSource.RequireUnchangedAsync(context.Source, pinned, ct).ConfigureAwait(false);
        }

        file.TakeChecksums([WholeOf(file.PartChecksums, plan), .. digests.Finish()], sums?.Finish() ?? digests.FinishParted(), inOnePart: false);
        await prove.Source.HoldAsync(file, ct).ConfigureAwait(false);
    }

    /// <summary>A store that takes a file only as a whole: each byte is read once and kept by nobody.</summary>
    private async Task StreamWholeAsync(FileInFlight file, CancellationToken ct)
    {
        long length = file.Item.Source.Length;
        var source = new PassingSource(context, file);
        file.Parts = [await context.Destination.PartedWrite!.WritePartAsync(file.Upload!, 1, 0, source.Bytes, null, ct).ConfigureAwait(false)];
        source.Tell(file);
        file.CountSent(length);
        context.Observer.OnBytes(file.Path, length);
        await prove.Source.HoldAsync(file, ct).ConfigureAwait(false);
    }

    private async Task MovePartsAsync(PartsInFlight run, CancellationToken ct)
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

    private ValueTask MovePartAsync(PartsInFlight run, int number, CancellationToken ct) =>
        run.Stream is { } stream ? StreamPartAsync(run, stream, number, ct) : MoveKeptPartAsync(run, number, ct);

    private async ValueTask StreamPartAsync(PartsInFlight run, StreamPart stream, int number, CancellationToken ct)
    {
        (long offset, long length) = (run.Plan.OffsetOf(number), run.Plan.LengthOf(number));

        // In order for the checksums of the whole; a part that waits holds no memory.
        bool inOrder = !run.Digests.IsEmpty;
        if (inOrder)
        {
            await run.DigestOrder.WaitTurnAsync(number, ct).ConfigureAwait(false);
        }

        (Checksum working, Checksum? arrival) = await stream.DigestAsync(number, offset, length, run.Digests, ct).ConfigureAwait(false);
        if (inOrder)
        {
            run.DigestOrder.Passed(number);
        }

        run.File.PartChecksums[number - 1] = working;
        if (!IsThere(run, number, working))
        {
            await WritePartAsync(run, number, stream.Source(offset, length), arrival, ct).ConfigureAwait(false);
        }
    }

    private async ValueTask MoveKeptPartAsync(PartsInFlight run, int number, CancellationToken ct)
    {
        (long offset, int length) = (run.Plan.OffsetOf(number), (int)run.Plan.LengthOf(number));
        if (run.Read is { } all)
        {
            await SendKeptPartAsync(run, number, all.Array.AsMemory((int)offset, length), ct).ConfigureAwait(false);
            return;
        }

        // In order: a part that waits for an earlier one must not hold the memory which that one needs.
        await run.RentOrder.WaitTurnAsync(number, ct).ConfigureAwait(false);
        using ByteBudget.Buffer buffer = await context.Buffers.RentAsync(length, ct).ConfigureAwait(false);
        run.RentOrder.Passed(number);
        Memory<byte> bytes = buffer.Array.AsMemory(0, length);
        await run.Reader.ReadPartAsync(number, offset, bytes, ct).ConfigureAwait(false);
        await SendKeptPartAsync(run, number, bytes, ct).ConfigureAwait(false);
    }

    private async ValueTask SendKeptPartAsync(PartsInFlight run, int number, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        Checksum checksum = MoveContext.ChecksumOf(ChooseProof.WorkingKind, bytes.Span);
        run.File.PartChecksums[number - 1] = checksum;

        // Beside the writing: neither waits for the other, and both only read the buffer.
        var digested = Task.WhenAll(
            run.Digests.IsEmpty ? Task.CompletedTask : Task.Run(() => DigestAsync(run, number, bytes, ct), CancellationToken.None),
            run.Sums?.AddAsync(run.Plan.OffsetOf(number), bytes) ?? Task.CompletedTask);
        try
        {
            await WriteKeptPartAsync(run, number, bytes, checksum, ct).ConfigureAwait(false);
        }
        finally
        {
            await digested.ConfigureAwait(false);
        }
    }

    private async ValueTask WriteKeptPartAsync(PartsInFlight run, int number, ReadOnlyMemory<byte> bytes, Checksum checksum, CancellationToken ct)
    {
        if (!IsThere(run, number, checksum))
        {
            Checksum? expected = context.Proof != Proof.OnArrival ? null
                : await context.ArrivalChecksumAsync(bytes).ConfigureAwait(false);
            await WritePartAsync(run, number, WriteSource.From(bytes), expected, ct).ConfigureAwait(false);
        }
    }

    private static async Task DigestAsync(PartsInFlight run, int number, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await run.DigestOrder.WaitTurnAsync(number, ct).ConfigureAwait(false);
        run.Digests.Append(bytes.Span);
        run.DigestOrder.Passed(number);
    }

    /// <summary>Whether an earlier run or try sent this very part. Where arrival is the proof, one that was sent without it does not count.</summary>
    private bool IsThere(PartsInFlight run, int number, Checksum checksum)
    {
        (long offset, long length) = (run.Plan.OffsetOf(number), run.Plan.LengthOf(number));
        bool isThere = run.Done.TryGetValue(number, out FilePart? left)
            && left.Offset == offset && left.Length == length && left.Checksum == checksum
            && (context.Proof != Proof.OnArrival || left.IsProved);
        if (isThere)
        {
            run.File.Parts[number - 1] = new StoredPart(number, offset, length, left!.Token);
        }

        return isThere;
    }

    private async ValueTask WritePartAsync(PartsInFlight run, int number, WriteSource source, Checksum? expected, CancellationToken ct)
    {
        (long offset, long length) = (run.Plan.OffsetOf(number), run.Plan.LengthOf(number));
        StoredPart part = await context.Destination.PartedWrite!
            .WritePartAsync(run.File.Upload!, number, offset, source, expected, ct).ConfigureAwait(false);
        MoveContext.RequireReceived(run.File, expected, part.Stored);
        run.File.Parts[number - 1] = part;
        run.File.CountSent(length);
        context.Observer.OnBytes(run.File.Path, length);
        if (run.Plan.Count > 1)
        {
            var record = new FilePart(number, offset, length, run.File.PartChecksums[number - 1], part.Token) { IsProved = expected is not null };
            run.File.Kept!.Add(record);
            await context.Ledger.RecordPartsAsync(run.File.LedgerFile, [record], ct).ConfigureAwait(false);
        }
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
}
