namespace Godwit.Server.Queue;

/// <summary>How many transfers an endpoint may have at once, and who waits for it.</summary>
/// <param name="usual">Transfers at once, unless something else is said.</param>
internal sealed class EndpointPlaces(int usual)
{
    /// <summary>Transfers at once.</summary>
    public int Limit { get; set; } = usual;

    /// <summary>Transfers that go on, as their source or their destination.</summary>
    public int UnderWay { get; set; }

    /// <summary>Whether nothing may begin.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Whether another one may begin.</summary>
    public bool HasPlace => !IsPaused && UnderWay < Limit;

    /// <summary>Links that found no place here, in the order in which they came.</summary>
    public Queue<LinkQueue> Refused { get; } = new();
}
