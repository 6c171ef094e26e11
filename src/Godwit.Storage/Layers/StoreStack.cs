namespace Godwit.Storage;

/// <summary>What stands around a store. What is null is left out and costs nothing.</summary>
public sealed record StoreStackOptions
{
    /// <summary>For a store behind a network.</summary>
    public static StoreStackOptions Remote { get; } = new() { Timeouts = new TimeoutOptions(), Retry = new RetryOptions() };

    /// <summary>For a store on this machine: its calls take microseconds, and what fails there fails again.</summary>
    public static StoreStackOptions Local { get; } = new();

    /// <summary>Whose side the store's errors are on.</summary>
    public StoreSide Side { get; init; }

    /// <summary>How long an attempt may take.</summary>
    public TimeoutOptions? Timeouts { get; init; }

    /// <summary>How often a failed call is repeated.</summary>
    public RetryOptions? Retry { get; init; }

    /// <summary>The line that the store's calls stand in; one object for all stores that share it.</summary>
    public LimitConcurrency? Concurrency { get; init; }

    /// <summary>The bytes that the store's streams share, each byte within all of them; one object for all stores that share one, so that one change
    /// reaches all.</summary>
    public IReadOnlyList<LimitBandwidth> Bandwidths { get; init; } = [];

    /// <summary>Hears of every attempt, also of those that are repeated.</summary>
    public IStoreObserver? Attempts { get; init; }

    /// <summary>Hears of every call, as the caller sees it.</summary>
    public IStoreObserver? Calls { get; init; }
}

/// <summary>Puts the layers around a store. The only place that knows their order.</summary>
public static class StoreStack
{
    /// <summary>The store with all that the options ask for around it. Disposing it disposes the store.</summary>
    public static IStore Build(IStore backend, StoreStackOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);

        // From the inside to the outside.
        IStoreLayer?[] order =
        [
            // Right at the backend: only its own silence counts, not the wait for a place or for bandwidth, and the error that the
            // timer makes is one of those that the next two see. Inside the retries: a dead connection never errors by itself.
            options.Timeouts is { } timeouts ? new TimeOutAttempts(timeouts, time) : null,

            // Before anybody looks at an error, it says where it happened, and everything but a cancellation is a StoreException.
            new CarryPlace(backend.Identity.ToString(), options.Side),

            // Each attempt by itself; inside the limits, so that waiting for them does not look like a slow store.
            options.Attempts is { } attempts ? new ObserveCalls(attempts, time) : null,

            // Every attempt pays for the bytes that it really moves, also those of a repeat.
            .. options.Bandwidths,

            // Inside the retries: a call that pauses before its repeat holds no place that another could use.
            options.Concurrency,

            // Around all that can fail for a moment.
            options.Retry is { } retry ? new RetryCalls(retry, time) : null,

            // Outermost: what the caller waited for and got, repeats and pauses included.
            options.Calls is { } calls ? new ObserveCalls(calls, time) : null,
        ];
        return order.OfType<IStoreLayer>().Aggregate(backend, (store, layer) => new LayeredStore(store, layer));
    }
}
