using System.Net;
using System.Net.NetworkInformation;

namespace Godwit.Server.Access;

/// <summary>Addresses that are not the public network's: whoever reaches them through this service reaches what he could not reach himself.</summary>
internal static class OwnNetworks
{
    // IANA's registries of special-purpose addresses; IPv4 in IPv6 is looked at as IPv4.
    private static readonly IPNetwork[] s_special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "100::/64", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    /// <summary>Whether an address is special, or in a network that this machine is part of.</summary>
    public static bool Hold(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return s_special.Any(network => network.Contains(plain)) || OfThisMachine().Any(network => network.Contains(plain));
    }

    private static IEnumerable<IPNetwork> OfThisMachine() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .Select(one => new IPNetwork(Masked(one.Address, one.PrefixLength), one.PrefixLength));

    private static IPAddress Masked(IPAddress address, int prefix)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int at = 0; at < bytes.Length; at++)
        {
            int kept = Math.Clamp(prefix - (at * 8), 0, 8);
            bytes[at] &= (byte)(0xff << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
