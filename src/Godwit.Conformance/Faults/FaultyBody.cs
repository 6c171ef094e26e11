using Godwit.Storage;

namespace Godwit.Conformance;

/// <summary>Bytes with one fault at one place, whatever the size of the reads.</summary>
internal sealed class FaultyBody(PlannedFault planned, TimeProvider time, Stream inner) : ThroughStream(inner)
{
    private long _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        bool flips = planned.Fault is StoreFault.FlippedBody or StoreFault.FlippedSource;
        if (!flips && _position == planned.At)
        {
            return await EndAsync(cancellationToken).ConfigureAwait(false);
        }

        Memory<byte> allowed = flips ? buffer : buffer[..(int)Math.Min(buffer.Length, planned.At - _position)];
        int count = await Inner.ReadAsync(allowed, cancellationToken).ConfigureAwait(false);
        if (flips && planned.At >= _position && planned.At < _position + count)
        {
            buffer.Span[(int)(planned.At - _position)] ^= 0x10;
        }

        _position += count;
        return count;
    }

    private async ValueTask<int> EndAsync(CancellationToken ct)
    {
        switch (planned.Fault)
        {
            case StoreFault.TruncatedBody:
                return 0;
            case StoreFault.StalledBody:
                await Task.Delay(Timeout.InfiniteTimeSpan, time, ct).ConfigureAwait(false);
                return 0;
            default:
                throw new StoreException(
                    StoreErrorKind.Interrupted,
                    $"A planned fault: the body of \"{planned.Call.Path}\" ended after {planned.At} bytes.");
        }
    }
}
