using System.Diagnostics.CodeAnalysis;

namespace Godwit.Storage;

/// <summary>
/// So many calls at once, whoever makes them: one object may stand around many stores. A read keeps its place until its body is
/// disposed; everybody else waits in line.
/// </summary>
/// <remarks>
/// Reads, writes and all other calls have <paramref name="places"/> each. With one line for all, eight movers that each hold an open
/// body of a store and want to write to the same store would wait for each other for ever. For the same reason whoever holds an open
/// body must not wait for anything that others hold while they wait to read: memory first, then the body; the body is given up before
/// what it held is written. A store without ranged reads cannot keep this rule, because its bodies stay open between two parts.
/// </remarks>
/// <param name="places">Reads at once, writes at once, and other calls at once; above zero.</param>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody asks for holds nothing.")]
public sealed class LimitConcurrency(int places) : IStoreLayer
{
    private readonly SemaphoreSlim _reads = new(places, places);
    private readonly SemaphoreSlim _writes = new(places, places);
    private readonly SemaphoreSlim _others = new(places, places);

    /// <summary>Places that are taken now, of all three lines together.</summary>
    public int Taken => (3 * places) - _reads.CurrentCount - _writes.CurrentCount - _others.CurrentCount;

    /// <inheritdoc/>
    public async ValueTask<T> AroundAsync<T>(
        StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(next);
        SemaphoreSlim line = LineOf(call.Verb);
        await line.WaitAsync(ct).ConfigureAwait(false);
        bool bodyKeepsPlace = false;
        try
        {
            T answer = await next(ct).ConfigureAwait(false);
            bodyKeepsPlace = ReferenceEquals(line, _reads);
            return answer;
        }
        finally
        {
            if (!bodyKeepsPlace)
            {
                line.Release();
            }
        }
    }

    /// <inheritdoc/>
    public Stream AroundBody(StoreCall call, Stream body) => new Body(_reads, body);

    /// <inheritdoc/>
    public WriteSource AroundSource(StoreCall call, WriteSource source) => source;

    private SemaphoreSlim LineOf(StoreVerb verb) => verb switch
    {
        StoreVerb.OpenRead or StoreVerb.OpenRange or StoreVerb.OpenUnpublished => _reads,
        StoreVerb.Write or StoreVerb.WritePart or StoreVerb.Pull => _writes,
        _ => _others,
    };

    private sealed class Body(SemaphoreSlim line, Stream inner) : ThroughStream(inner)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Inner.ReadAsync(buffer, cancellationToken);

        protected override void Closed() => line.Release();
    }
}
