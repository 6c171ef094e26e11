using System.Net;

namespace Godwit.Server.Access;

/// <summary>A project of the service: which places its transfers may use, and its share.</summary>
/// <param name="Name">Its name, as tokens carry it.</param>
public sealed record Project(string Name)
{
    /// <summary>Where its transfers may read.</summary>
    public IReadOnlyList<UrlPattern> Sources { get; init; } = [];

    /// <summary>Where they may write.</summary>
    public IReadOnlyList<UrlPattern> Destinations { get; init; } = [];

    /// <summary>Addresses of this host's own networks that they may reach though no pattern names their server.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>Its share among projects that wait for the same link; 1 unless said.</summary>
    public int Share { get; init; } = 1;
}
