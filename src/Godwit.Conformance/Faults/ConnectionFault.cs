namespace Godwit.Conformance;

/// <summary>What goes wrong with one connection.</summary>
public enum ProxyFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The connection is reset before a byte was read from it.</summary>
    Refuse,

    /// <summary>The client's connection is reset.</summary>
    Reset,

    /// <summary>Both connections are closed.</summary>
    Cut,

    /// <summary>This direction ends as if all had been said; what would follow is thrown away, and the other direction goes on.</summary>
    Truncate,

    /// <summary>What follows in this direction is thrown away, and the connection stays open until the proxy is closed: an answer
    /// that never comes.</summary>
    Swallow,

    /// <summary>One byte is another one.</summary>
    Flip,

    /// <summary>The first bytes of this direction wait.</summary>
    Delay,

    /// <summary>This direction is slow.</summary>
    Throttle,
}

/// <summary>Which way bytes go.</summary>
public enum ProxyDirection
{
    /// <summary>What the server answers.</summary>
    ToClient = 0,

    /// <summary>What the client sends.</summary>
    ToServer,
}

/// <summary>The one fault of one connection.</summary>
/// <param name="Fault">What goes wrong.</param>
/// <param name="Direction">In which direction's bytes it is; has no meaning for a refusal.</param>
/// <param name="AfterBytes">So many bytes of that direction pass unharmed first.</param>
public sealed record ConnectionFault(ProxyFault Fault, ProxyDirection Direction = ProxyDirection.ToClient, long AfterBytes = 0)
{
    /// <summary>A connection with nothing wrong.</summary>
    public static ConnectionFault None { get; } = new(ProxyFault.None);

    /// <summary>How long <see cref="ProxyFault.Delay"/> holds the first bytes back.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>What <see cref="ProxyFault.Throttle"/> lets through.</summary>
    public long BytesPerSecond { get; init; } = 64 * 1024;

    /// <summary>A plan for all connections that follows from a seed and their numbers alone.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="share">The share of connections that meet a fault, from 0 to 1.</param>
    /// <param name="window">Bytes of a direction within which the fault is.</param>
    /// <param name="longestDelay">The longest delay.</param>
    /// <param name="faults">The faults to choose from.</param>
    public static Func<int, ConnectionFault> FromSeed(
        int seed, double share, int window, TimeSpan longestDelay, IReadOnlyList<ProxyFault> faults) => number =>
    {
        var draw = new SeededDraw(seed, "connection"u8, number);
        if (draw.NextShare() >= share)
        {
            return None;
        }

        return new ConnectionFault(
            faults[draw.NextBelow(faults.Count)], (ProxyDirection)draw.NextBelow(2), draw.NextBelow(window))
        {
            Delay = longestDelay * draw.NextShare(),
        };
    };
}
