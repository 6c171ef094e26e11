using Godwit.Cli.Addresses;
using Godwit.Cli.Configuration;
using Godwit.Server.Engine;
using Godwit.Storage;

namespace Godwit.Cli.Service;

/// <summary>What a service calls the places of an order.</summary>
internal static class NamePlace
{
    /// <summary>A source or a destination.</summary>
    /// <param name="address">As it was ordered.</param>
    /// <param name="opened">Where it was found to be, as a path of its store's space; null before it was opened.</param>
    /// <param name="wiring">The process.</param>
    public static OrderPlace Of(Address address, StorePath? opened, Wiring wiring) => new(address.ToString(), EndpointOf(address), NameOf(address, opened, wiring))
    {
        Host = address.Endpoint is null ? address.Server?.Host : null,
    };

    /// <summary>What limits are kept for: the endpoint's name, else the server's, or the bucket's, or this machine.</summary>
    public static string EndpointOf(Address address) => address switch
    {
        { Endpoint: { } endpoint } => endpoint.Name,
        { Bucket: { } bucket } => $"s3://{bucket}",
        { Server: { } server } => PathText.Escape(server.Text([])),
        _ => "file://",
    };

    private static string NameOf(Address address, StorePath? opened, Wiring wiring)
    {
        if (address is { Bucket: null, Server: null })
        {
            return NameOnThisMachine(address.Endpoint, opened ?? Reach.RealPath(address, wiring), wiring);
        }

        string text = address.ToString();
        return (address.Endpoint is { } endpoint ? $"{endpoint.Name}:{text[(endpoint.Name.Length + 1)..].Trim('/')}" : text).TrimEnd('/');
    }

    /// <summary>A link may lead out of an endpoint's directory: then it is a path of this machine like any other.</summary>
    private static string NameOnThisMachine(Endpoint? endpoint, StorePath real, Wiring wiring)
    {
        if (endpoint?.Root is { } root && Reach.RealPath(root, wiring) is var top && (real == top || real.IsBelow(top)))
        {
            return $"{endpoint.Name}:{PathText.Escape(real.Bytes[top.Bytes.Length..].TrimStart((byte)'/'))}";
        }

        return $"/{real}";
    }
}
