using System.Collections.Concurrent;
using Godwit.Server.Queue;

namespace Godwit.Server.Metrics;

/// <summary>What links are called in labels. Whoever hands transfers over may name any server, so there is an end to it: links that come later are one.</summary>
internal sealed class LinkLabels
{
    /// <summary>How many links have labels of their own.</summary>
    public const int Most = 200;

    /// <summary>What both endpoints of all other links are called.</summary>
    public const string Other = "other";

    private static readonly EndpointPair s_others = new(Other, Other);

    private readonly ConcurrentDictionary<EndpointPair, EndpointPair> _links = new();

    /// <summary>The endpoints as labels have them.</summary>
    public EndpointPair Of(EndpointPair link) => _links.TryGetValue(link, out EndpointPair known) ? known
        : _links.Count < Most ? _links.GetOrAdd(link, link)
        : s_others;

    /// <summary>A link in one label.</summary>
    public static string TextOf(EndpointPair link) => $"{link.Source} -> {link.Destination}";
}
