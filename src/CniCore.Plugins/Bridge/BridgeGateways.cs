using System.Net.Sockets;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The gateway addresses on a bridge of the host.</summary>
internal static class BridgeGateways
{
    private const int EEXIST = 17;

    /// <summary>Gives a bridge the gateway addresses.</summary>
    /// <exception cref="CniPluginException">The bridge has conflicting addresses that must stay.</exception>
    public static void Set(HostBridges bridges, Link bridge, IEnumerable<CidrAddress> gateways, string network, bool force)
    {
        var routes = bridges.Routes;
        var present = routes.Addresses(bridge.Index);
        var isOwn = bridges.IsOwn(bridge);
        foreach (var gateway in gateways)
        {
            var isThere = present.Any(address => IsSame(address, gateway));
            if (!isOwn)
                bridges.Change(bridge, record => ForeignBridge.WithAddress(record, $"{gateway}", network, isThere));
            if (isThere)
                continue;
            foreach (var other in present.Where(address => IsInTheWay(address, gateway)))
            {
                if (!force)
                    throw new CniPluginException(CniErrorCode.Internal,
                        $"\"{bridge.Name}\" already has an IP address different from {gateway}");
                if (!isOwn)
                    bridges.Change(bridge, record =>
                        ForeignBridge.WithoutAddress(record, $"{new CidrAddress(other.Address, other.PrefixLength)}"));
                routes.DeleteAddress(bridge.Index, other.Address, other.PrefixLength);
            }
            Add(routes, bridge, gateway);
        }
    }

    /// <summary>The first address of the bridge that conflicts with the gateway; null for none.</summary>
    public static LinkAddress? InTheWay(IEnumerable<LinkAddress> present, CidrAddress gateway) =>
        present.Any(address => IsSame(address, gateway)) ? null : present.FirstOrDefault(address => IsInTheWay(address, gateway));

    private static void Add(RouteSocket routes, Link bridge, CidrAddress gateway)
    {
        try
        {
            routes.AddAddress(bridge.Index, gateway.Address, gateway.PrefixLength);
        }
        catch (NetlinkException fault) when (fault.Errno == EEXIST)
        {
            // Another attachment added it first.
        }
    }

    private static bool IsSame(LinkAddress address, CidrAddress gateway) =>
        address.Address.Equals(gateway.Address) && address.PrefixLength == gateway.PrefixLength;

    // A bridge has one IPv4 subnet, and no two overlapping IPv6 subnets. Link-local addresses are the kernel's.
    private static bool IsInTheWay(LinkAddress address, CidrAddress gateway)
    {
        if (address.Address.AddressFamily != gateway.Address.AddressFamily || address.Address.IsIPv6LinkLocal)
            return false;
        return address.Address.AddressFamily == AddressFamily.InterNetwork
            || gateway.Network.Contains(address.Address)
            || new CidrAddress(address.Address, address.PrefixLength).Network.Contains(gateway.Address);
    }
}
