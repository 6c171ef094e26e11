using Godwit.Storage;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>
/// Moves a part that is larger than the memory which content may take: a file of many terabytes in a store of few parts. Its bytes are
/// read twice, once for their checksums and once to be sent, because checksums go before the bytes and nothing can keep those meanwhile.
/// </summary>
internal sealed class StreamPart(MoveContext context, ReadSource reader, StoreEntry pinned)
{
    private const int BlockBytes = 8 << 20;

    /// <summary>The checksums of a part's bytes.</summary>
    /// <param name="number">The part.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="whole">Gets the bytes too.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>The working checksum, and the one that the store wants on arrival where it does.</returns>
    public async Task<(Checksum Working, Checksum? Arrival)> DigestAsync(
        int number, long offset, long length, ChecksumSet whole, CancellationToken ct)
    {
        ChecksumKind? arrival = context.Proof == Proof.OnArrival ? context.Destination.ArrivalChecksum!.Kinds[0] : null;
        using var digests = new ChecksumSet([ChooseProof.WorkingKind, .. OneOrNone(arrival)]);
        int block = (int)Math.Min(BlockBytes, context.Policy.BufferBytes);
        using ByteBudget.Buffer buffer = await context.Buffers.RentAsync(block, ct).ConfigureAwait(false);
        for (long at = 0; at < length; at += block)
        {
            Memory<byte> bytes = buffer.Array.AsMemory(0, (int)Math.Min(block, length - at));
            await reader.ReadPartAsync(number, offset + at, bytes, ct).ConfigureAwait(false);
            digests.Append(bytes.Span);
            whole.Append(bytes.Span);
        }

        IReadOnlyList<Checksum> found = digests.Finish();
        return (found[0], arrival is null ? null : found.First(checksum => checksum.Kind == arrival));
    }

    /// <summary>The part's bytes, to be sent without being kept.</summary>
    public WriteSource Source(long offset, long length) => new(length, async ct => await context.Source.RangedRead!
        .OpenRangeAsync(pinned.Path, pinned.Version, offset, length, ct).ConfigureAwait(false));

    /// <summary>Makes sure, before anything is begun, that a file can go in such parts.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: the source gives its bytes only once, in order.</exception>
    public static void Require(MoveContext context, StoreEntry pinned, PartPlan plan)
    {
        if (context.Source.RangedRead is null)
        {
            throw new StoreException(
                StoreErrorKind.Unsupported,
                $"\"{pinned.Path}\" would go in {plan.Count} parts of {plan.PartSize} bytes, as few as the destination takes; more than the "
                + $"{context.Policy.HeldPartBytes} bytes that are kept in memory, and the source cannot be read a second time from the middle.")
            {
                Side = StoreSide.Source,
                Path = pinned.Path,
            };
        }
    }

    private static IEnumerable<ChecksumKind> OneOrNone(ChecksumKind? kind) => kind is { } one ? [one] : [];
}
