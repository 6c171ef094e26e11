using Godwit.Server.Queue;

namespace Godwit.Server.Metrics;

/// <summary>What waits and what goes on, at one moment.</summary>
/// <param name="Waiting">How many transfers wait, by link and priority; also links where none waits any more.</param>
/// <param name="Oldest">How long the first of them has waited; zero where none waits.</param>
/// <param name="Blocked">How many wait for something other than their turn.</param>
/// <param name="Active">The links of transfers that go on.</param>
internal sealed record QueueState(
    IReadOnlyDictionary<(EndpointPair Link, int Priority), int> Waiting, TimeSpan Oldest, int Blocked, IReadOnlyList<EndpointPair> Active)
{
    /// <summary>Whether a link is paused.</summary>
    public Func<EndpointPair, bool> IsPaused { get; init; } = _ => false;
}
