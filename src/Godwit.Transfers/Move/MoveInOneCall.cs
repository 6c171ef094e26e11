using Godwit.Storage;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>
/// Moves a file in one call, which publishes it: a small file to a store that refuses what does not match its checksum, and any file to
/// a store without parts, where it is proved afterwards.
/// </summary>
internal sealed class MoveInOneCall(MoveContext context, ProveFile prove)
{
    /// <summary>Afterwards the destination has the file under its final name; unless the store proved it on arrival, it is still to be proved.</summary>
    public async Task MoveAsync(FileInFlight file, CancellationToken ct)
    {
        try
        {
            await (file.Item.Source.Length <= ChooseRoute.OneCallBytes ? MoveInMemoryAsync(file, ct) : MoveStreamedAsync(file, ct))
                .ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists && file.MayStand)
        {
            // The answer to an earlier write was lost: what stands there is ours or somebody else's, and its bytes tell.
            if (!await prove.StandsAsync(file, ct).ConfigureAwait(false))
            {
                throw;
            }
        }

        file.CountSent(file.Item.Source.Length);
        context.Observer.OnBytes(file.Path, file.Item.Source.Length);
    }

    private async Task MoveInMemoryAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry pinned = file.Item.Source;
        using ByteBudget.Buffer buffer = file.TakeRead() ?? (await context.ReadWholeAsync(pinned, ct).ConfigureAwait(false)).Bytes;
        Memory<byte> bytes = buffer.Array.AsMemory(0, (int)pinned.Length);
        using ChecksumSet digests = context.DigestsOf(file.Item, ChooseProof.WorkingKind);
        digests.Append(bytes.Span);
        file.TakeChecksums(digests);
        await prove.Source.HoldAsync(file, ct).ConfigureAwait(false);
        Checksum? expected = context.Proof == Proof.OnArrival ? await context.ArrivalChecksumAsync(bytes).ConfigureAwait(false) : null;
        WriteOptions options = context.WriteOptionsFor(file) with { Expected = expected };
        var content = WriteSource.From(bytes);
        await file.PlaceAsync(() => context.Destination.WriteAsync(file.Path, content, options, ct)).ConfigureAwait(false);
        foreach (Checksum told in file.Published!.Checksums)
        {
            MoveContext.RequireReceived(file, expected, told);
        }
    }

    private async Task MoveStreamedAsync(FileInFlight file, CancellationToken ct)
    {
        if (file.Item.Expected is not null)
        {
            // The call publishes what it writes: what is not as the list says must not come that far.
            await prove.Source.DigestAsync(file, ct).ConfigureAwait(false);
        }

        var source = new PassingSource(context, file);
        await file.PlaceAsync(() => context.Destination.WriteAsync(file.Path, source.Bytes, context.WriteOptionsFor(file), ct)).ConfigureAwait(false);
        source.Tell(file);
        await prove.Source.HoldAsync(file, ct).ConfigureAwait(false);
    }
}
