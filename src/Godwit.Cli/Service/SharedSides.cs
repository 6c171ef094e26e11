using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Runs;
using Godwit.Storage;

namespace Godwit.Cli.Service;

/// <summary>What all runs of a service share that go to one place: as many calls at once as the place bears, and the bandwidth that the configuration gives
/// its endpoint, however many transfers go there.</summary>
/// <param name="time">The clock.</param>
/// <param name="warn">Takes a sentence that belongs to no transfer.</param>
internal sealed class SharedSides(TimeProvider time, Action<string> warn) : IDisposable
{
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);

    /// <summary>What a run shares at one of its sides.</summary>
    /// <param name="place">The name of the endpoint, or of the server.</param>
    /// <param name="backend">The store there.</param>
    /// <param name="limits">What the configuration says of it.</param>
    /// <param name="more">Limits that are set while the service runs.</param>
    public SharedSide Of(string place, IStore backend, SideLimits limits, IReadOnlyList<LimitBandwidth> more)
    {
        lock (_places)
        {
            if (!_places.TryGetValue(place, out Place? known))
            {
                known = new Place(
                    Reach.LayersFor(backend, StoreSide.Source, limits.Transfers).Concurrency,
                    limits.Bandwidth is { } bandwidth ? new FollowBandwidth(bandwidth, null, time, warn) : null);
                _places.Add(place, known);
            }

            return new SharedSide(known.Concurrency, known.Bandwidth is { Limit: { } limit } ? [limit, .. more] : more);
        }
    }

    /// <summary>The configuration is another one: runs that begin from now on go by it.</summary>
    public void Forget()
    {
        lock (_places)
        {
            Dispose();
            _places.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Place place in _places.Values)
        {
            place.Bandwidth?.Dispose();
        }
    }

    private sealed record Place(LimitConcurrency? Concurrency, FollowBandwidth? Bandwidth);
}
