using System.Collections.Concurrent;
using Godwit.Storage;

namespace Godwit.Conformance;

/// <summary>
/// A layer that does harm. Which call meets which fault depends on the seed, the verb, the path and how often that was called before,
/// and not on the order of different calls: the same seed gives the same faults, also among many threads.
/// </summary>
/// <param name="options">How often what goes wrong.</param>
/// <param name="time">The clock of delays and stalls.</param>
public sealed class FaultyLayer(FaultOptions options, TimeProvider time) : IStoreLayer
{
    private static readonly StoreFault[] OfCalls = [StoreFault.Error, StoreFault.LostAnswer, StoreFault.Delay];
    private static readonly StoreFault[] OfSources = [StoreFault.FlippedSource];
    private static readonly StoreFault[] OfBodies =
        [StoreFault.CutBody, StoreFault.TruncatedBody, StoreFault.FlippedBody, StoreFault.StalledBody];

    private readonly ConcurrentDictionary<(StoreVerb Verb, StorePath Path, StoreFault[] Faults), int> _times = new();
    private readonly ConcurrentQueue<PlannedFault> _hits = new();

    /// <summary>The faults so far.</summary>
    public IReadOnlyCollection<PlannedFault> Hits => _hits;

    /// <inheritdoc/>
    public async ValueTask<T> AroundAsync<T>(
        StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(next);
        PlannedFault planned = Draw(call, OfCalls, 1);
        if (planned.Fault == StoreFault.Delay)
        {
            await Task.Delay(planned.Delay, time, ct).ConfigureAwait(false);
        }

        if (planned.Fault == StoreFault.Error)
        {
            throw new StoreException(options.ErrorKind, $"A planned fault: {call.Verb} of \"{call.Path}\" was not carried out.");
        }

        T answer = await next(ct).ConfigureAwait(false);
        return planned.Fault == StoreFault.LostAnswer
            ? await LostAnswer.InsteadOfAsync(answer, call).ConfigureAwait(false)
            : answer;
    }

    /// <inheritdoc/>
    public Stream AroundBody(StoreCall call, Stream body)
    {
        ArgumentNullException.ThrowIfNull(body);
        PlannedFault planned = Draw(call, OfBodies, body.CanSeek ? body.Length : options.BodyWindow);
        return planned.Fault == StoreFault.None ? body : new FaultyBody(planned, time, body);
    }

    /// <inheritdoc/>
    public WriteSource AroundSource(StoreCall call, WriteSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        PlannedFault planned = Draw(call, OfSources, source.Length);
        return planned.Fault == StoreFault.None ? source : source.Through(stream => new FaultyBody(planned, time, stream));
    }

    private PlannedFault Draw(StoreCall call, StoreFault[] faults, long length)
    {
        int nth = _times.AddOrUpdate((call.Verb, call.Path, faults), 1, (_, count) => count + 1);
        var draw = new SeededDraw(options.Seed + ((int)call.Verb * 7919) + (int)faults[0], call.Path.Bytes, nth);
        var planned = new PlannedFault(
            call,
            nth,
            draw.NextOf(options.Rates, faults),
            draw.NextBelow((int)Math.Clamp(length, 1, options.BodyWindow)),
            options.LongestDelay * draw.NextShare());
        if (planned.Fault != StoreFault.None)
        {
            _hits.Enqueue(planned);
        }

        return planned;
    }
}
