using Godwit.Storage;
using Godwit.Transfers.Queue;

namespace Godwit.Server.Limits;

/// <summary>What a run shares with others: limits of its endpoints and of its link, each of which may change while it goes on.</summary>
/// <param name="Turns">What each file waits for, in the order in which every run waits.</param>
/// <param name="Source">The bytes of the source's side.</param>
/// <param name="Destination">The bytes of the destination's side.</param>
public sealed record RunLimits(IReadOnlyList<Turns> Turns, IReadOnlyList<LimitBandwidth> Source, IReadOnlyList<LimitBandwidth> Destination)
{
    /// <summary>Nothing is shared.</summary>
    public static RunLimits None { get; } = new([], [], []);

    /// <summary>Whether bytes are limited now, so that they have to pass through here.</summary>
    public bool LimitsBytes => Source.Concat(Destination).Any(limit => limit.BytesPerSecond is not null);
}
