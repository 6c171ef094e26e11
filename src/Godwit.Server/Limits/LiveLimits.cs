using System.Collections.Concurrent;
using Godwit.Server.Queue;
using Godwit.Storage;
using Godwit.Transfers.Queue;

namespace Godwit.Server.Limits;

/// <summary>The limits of endpoints and links, as they are now. A change counts at once, also for what goes on.</summary>
/// <param name="time">The clock.</param>
public sealed class LiveLimits(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Shared> _endpoints = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<EndpointPair, Shared> _links = new();

    /// <summary>What is said of an endpoint.</summary>
    public LimitSettings Of(string endpoint) => _endpoints.TryGetValue(endpoint, out Shared? shared) ? shared.Settings : new LimitSettings();

    /// <summary>What is said of a link.</summary>
    public LimitSettings Of(EndpointPair link) => _links.TryGetValue(link, out Shared? shared) ? shared.Settings : new LimitSettings();

    /// <summary>Sets what an endpoint may take.</summary>
    public void Set(string endpoint, LimitSettings settings) => SharedOf(endpoint).Set(settings);

    /// <summary>Sets what a link may take.</summary>
    public void Set(EndpointPair link, LimitSettings settings) => SharedOf(link).Set(settings);

    /// <summary>Why a transfer between two endpoints waits, where an operator wants it to; null otherwise.</summary>
    public LimitPause? PauseOf(EndpointPair link) => Of(link).Pause ?? Of(link.Source).Pause ?? Of(link.Destination).Pause;

    /// <summary>What a run between two endpoints shares with others.</summary>
    public RunLimits For(EndpointPair link)
    {
        // Endpoints in the order of their names: two runs in opposite directions must not each hold what the other one waits for.
        IEnumerable<string> endpoints = new[] { link.Source, link.Destination }.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        Shared shared = SharedOf(link);
        return new RunLimits(
            [shared.Files, .. endpoints.Select(endpoint => SharedOf(endpoint).Files)],
            [shared.Bytes, SharedOf(link.Source).Bytes],
            [SharedOf(link.Destination).Bytes]);
    }

    private Shared SharedOf(string endpoint) => _endpoints.GetOrAdd(endpoint, _ => new Shared(time));

    private Shared SharedOf(EndpointPair link) => _links.GetOrAdd(link, _ => new Shared(time));

    private sealed class Shared(TimeProvider time)
    {
        public Turns Files { get; } = new(null);

        public LimitBandwidth Bytes { get; } = new(null, time);

        public LimitSettings Settings { get; private set; } = new();

        public void Set(LimitSettings settings)
        {
            Settings = settings;
            Files.Places = settings.Files;
            Bytes.BytesPerSecond = settings.BytesPerSecond;
        }
    }
}
