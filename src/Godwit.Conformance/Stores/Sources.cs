using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Bytes to write, and sources that misbehave on purpose.</summary>
internal static class Sources
{
    /// <summary>Bytes that another seed gives differently, the same each time.</summary>
    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        uint state = (uint)seed * 2_654_435_761u | 1u;
        for (int i = 0; i < length; i++)
        {
            state = (state * 1_664_525u) + 1_013_904_223u;
            bytes[i] = (byte)(state >> 24);
        }

        return bytes;
    }

    /// <summary>A source that is a stream, not memory, and promises what it likes.</summary>
    public static WriteSource Stream(byte[] bytes, long? promised = null) => Watched(bytes, (_, _) => { }, promised);

    /// <summary>A source that breaks when half of its bytes have come.</summary>
    public static WriteSource Breaking(byte[] bytes) => Watched(bytes, (given, _) =>
    {
        if (given >= bytes.Length / 2)
        {
            throw new IOException("The source broke off.");
        }
    });

    /// <summary>A source that gives few bytes at a time, as a slow connection does.</summary>
    public static WriteSource Dribbling(byte[] bytes) => Watched(bytes, (_, _) => { }, mostAtOnce: 7);

    /// <summary>A source that calls out before each of its reads.</summary>
    /// <param name="bytes">What it gives.</param>
    /// <param name="before">Gets the number of bytes already given, and the token of the read.</param>
    /// <param name="promised">The length that it promises; null for the truth.</param>
    /// <param name="mostAtOnce">Bytes of one read at most; null for an eighth of them all.</param>
    public static WriteSource Watched(
        byte[] bytes, Action<long, CancellationToken> before, long? promised = null, int? mostAtOnce = null) =>
        Gated(
            bytes,
            (given, ct) =>
            {
                before(given, ct);
                return ValueTask.CompletedTask;
            },
            promised,
            mostAtOnce);

    /// <summary>As <see cref="Watched"/>, but the call-out may wait, and the source need not look at its token.</summary>
    public static WriteSource Gated(
        byte[] bytes, Func<long, CancellationToken, ValueTask> before, long? promised = null, int? mostAtOnce = null, bool looks = true) =>
        new(promised ?? bytes.Length, _ => ValueTask.FromResult<Stream>(
            new GatedStream(bytes, before, mostAtOnce ?? Math.Max(1, bytes.Length / 8), looks)));

    /// <summary>A source that cancels when it has given so many bytes.</summary>
    /// <param name="atByte">0 before its first byte, its length behind its last.</param>
    /// <param name="bytes">What it gives.</param>
    /// <param name="cancels">What it cancels.</param>
    /// <param name="looks">Whether its reads then end, or go on as if nothing had happened.</param>
    public static WriteSource CancellingAt(int atByte, byte[] bytes, CancellationTokenSource cancels, bool looks = true) => Gated(
        bytes,
        async (given, _) =>
        {
            if (given >= atByte)
            {
                await cancels.CancelAsync().ConfigureAwait(false);
            }
        },
        looks: looks);
}
