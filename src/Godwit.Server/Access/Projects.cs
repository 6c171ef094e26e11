using System.Net;
using System.Net.Sockets;
using Godwit.Server.Engine;

namespace Godwit.Server.Access;

/// <summary>Which places the transfers of each project may use. What nobody allowed is refused; administrators are not held to it.</summary>
public sealed class Projects
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly Func<IPAddress, bool> _isOwn;
    private volatile IReadOnlyDictionary<string, Project> _known = new Dictionary<string, Project>();

    /// <summary>Knows no project yet; asks the system for addresses.</summary>
    public Projects()
        : this(Dns.GetHostAddressesAsync, OwnNetworks.Hold)
    {
    }

    internal Projects(Func<string, CancellationToken, Task<IPAddress[]>> resolve, Func<IPAddress, bool> isOwn) => (_resolve, _isOwn) = (resolve, isOwn);

    /// <summary>The shares, by project.</summary>
    public IReadOnlyDictionary<string, int> Shares => _known.ToDictionary(one => one.Key, one => one.Value.Share);

    /// <summary>Knows these projects from now on, and no others.</summary>
    public void Set(IReadOnlyList<Project> projects) => _known = projects.ToDictionary(project => project.Name, StringComparer.Ordinal);

    /// <summary>Why the transfers of a project may not go between two places; empty when they may.</summary>
    /// <param name="project">The project's name; empty for none.</param>
    /// <param name="source">The source; null where it is not known yet.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="ct">Cancels the call.</param>
    public async ValueTask<IReadOnlyList<OrderFault>> FaultsAsync(string project, OrderPlace? source, OrderPlace destination, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!_known.TryGetValue(project, out Project? known))
        {
            return
            [
                new OrderFault("project", project.Length == 0
                    ? "The transfer is for no project, and only administrators may do without one. Name a project, or take a token of one."
                    : $"The service's configuration has no project \"{project}\". Its administrator adds it below projects: with what it may use."),
            ];
        }

        string?[] sentences =
        [
            source is null ? null : await WhyNotAsync(known, known.Sources, "sources", source, ct).ConfigureAwait(false),
            await WhyNotAsync(known, known.Destinations, "destinations", destination, ct).ConfigureAwait(false),
        ];
        return [.. sentences.Zip(["source", "destination"]).Where(one => one.First is not null).Select(one => new OrderFault(one.Second, one.First!))];
    }

    private async ValueTask<string?> WhyNotAsync(Project project, IReadOnlyList<UrlPattern> patterns, string key, OrderPlace place, CancellationToken ct)
    {
        if (place.Name.Split('/', ':').Contains(".."))
        {
            return $"\"{place.Name}\" holds \"..\", which could lead out of what is allowed. Write the path without it.";
        }

        UrlPattern[] taking = [.. patterns.Where(pattern => pattern.Takes(place.Name))];
        if (taking.Length == 0)
        {
            string allowed = patterns.Count == 0 ? "None are" : $"Allowed are {string.Join(", ", patterns)}";
            return $"The project \"{project.Name}\" may not use \"{place.Name}\". {allowed}: projects.{project.Name}.{key} of the service's configuration.";
        }

        return place.Host is { } host && !taking.Any(pattern => pattern.NamesHost)
            ? await WhyNotHostAsync(project, host, ct).ConfigureAwait(false)
            : null;
    }

    private async ValueTask<string?> WhyNotHostAsync(Project project, string host, CancellationToken ct)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await _resolve(host, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return $"The server \"{host}\" cannot be found: {e.Message.TrimEnd('.')}. Where it has a name in ssh's configuration alone, make it an endpoint.";
        }

        return Array.Find(addresses, address => _isOwn(address) && !project.Networks.Any(network => network.Contains(Plain(address)))) is { } own
            ? $"The server \"{host}\" is at {own}, in a network of the service's own. Its administrator may allow it: projects.{project.Name}.networks, a pattern that "
                + "names the server, or an endpoint."
            : null;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
