namespace Godwit.Storage;

/// <summary>How long a store may stay silent.</summary>
public sealed record TimeoutOptions
{
    /// <summary>A call that carries no bytes.</summary>
    /// <value>One minute: what a tape system's name server takes on a bad day, and shorter than any firewall forgets a connection.</value>
    public TimeSpan Call { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A call that lets the store work through bytes that it has: completing, copying, checking, syncing, deleting many.</summary>
    /// <value>One hour: a store that computes the checksum of a terabyte from disks needs about that.</value>
    public TimeSpan StoreWork { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes a second; a write may take <see cref="Call"/> and its length at this rate.</summary>
    /// <value>16 KiB a second: slower than any link that is worth waiting for, so only a dead one is cut.</value>
    public long SlowestRate { get; init; } = 16 * 1024;

    /// <summary>One read of a body.</summary>
    /// <value>One minute, as <see cref="Call"/>; the length does not matter, since every read starts it anew.</value>
    public TimeSpan BodyIdle { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long this call may take; <see cref="Timeout.InfiniteTimeSpan"/> for a pull, which lasts as long as it lasts and
    /// reports its progress.</summary>
    public TimeSpan For(StoreCall call) => call.Verb switch
    {
        StoreVerb.Pull => Timeout.InfiniteTimeSpan,
        StoreVerb.CompleteParts or StoreVerb.ServerCopy or StoreVerb.GetChecksum or StoreVerb.GetUnpublishedChecksum
            or StoreVerb.BulkDelete or StoreVerb.SyncUploads or StoreVerb.SyncPublished => StoreWork,
        _ => Call + TimeSpan.FromSeconds((double)call.Bytes / SlowestRate),
    };
}

/// <summary>
/// Ends a call or a read of a body that takes too long, with <see cref="StoreErrorKind.TimedOut"/>. The caller's own cancellation
/// stays what it is, also when both come at once.
/// </summary>
/// <remarks>Time that a write spends waiting for its source does not count: a slow source is not this store's fault.</remarks>
public sealed class TimeOutAttempts(TimeoutOptions options, TimeProvider time) : IStoreLayer
{
    private readonly AsyncLocal<AttemptClock?> _attempt = new();

    /// <inheritdoc/>
    public async ValueTask<T> AroundAsync<T>(
        StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(next);
        ct.ThrowIfCancellationRequested();
        TimeSpan limit = options.For(call);
        using var clock = new AttemptClock(limit, time, ct);
        _attempt.Value = clock;
        try
        {
            return await next(clock.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(error.Message, error, ct);
        }
        catch (Exception error) when (clock.RanOut && error is not StoreException)
        {
            throw new StoreException(
                StoreErrorKind.TimedOut, $"{call.Verb} of \"{call.Path}\" took longer than {limit}.", error);
        }
    }

    /// <inheritdoc/>
    public Stream AroundBody(StoreCall call, Stream body) => new IdleTimedBody(call, options.BodyIdle, time, body);

    /// <inheritdoc/>
    public WriteSource AroundSource(StoreCall call, WriteSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.InMemory is null && _attempt.Value is { } clock ? clock.PausedBy(source) : source;
    }
}
