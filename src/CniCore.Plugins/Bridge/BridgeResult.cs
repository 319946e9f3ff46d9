using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The result of ADD: bridge, host end and container end, and the IPAM's addresses on the container end.</summary>
internal static class BridgeResult
{
    public const int ContainerIndex = 2;

    /// <summary>The result without the container end, which <see cref="With"/> adds.</summary>
    public static CniResult Of(BridgeConfig config, Link bridge, Link port, CniResult addresses)
    {
        var ips = addresses.Ips.Select(ip => ip with
        {
            Interface = ContainerIndex,
            Gateway = ip.Gateway ?? (config.IsGateway ? FirstOf(ip.Address) : null),
        }).ToList();
        List<CniRoute> routes = [.. addresses.Routes];
        if (config.Fields.IsDefaultGateway)
        {
            foreach (var family in ips.GroupBy(ip => ip.Address.Address.AddressFamily)
                .Where(family => !routes.Any(route => IsDefault(route, family.Key) && route.Gateway is not null)))
                routes.Add(new()
                {
                    Destination = new(family.Key == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0),
                    Gateway = family.First().Gateway
                });
        }
        return new()
        {
            CniVersion = addresses.CniVersion,
            Interfaces = [Interface(bridge), Interface(port)],
            Ips = ips,
            Routes = routes,
            Dns = config.Fields.Dns is { } dns && dns != new CniDns() ? dns : addresses.Dns ?? new(),
        };
    }

    public static CniResult With(CniResult result, Link container, string? sandbox) =>
        result with { Interfaces = [.. result.Interfaces, Interface(container) with { Sandbox = sandbox }] };

    public static CniResult Also(CniResult result, Link link) => result with { Interfaces = [.. result.Interfaces, Interface(link)] };

    /// <summary>The gateway addresses with the prefix length of their subnets, without duplicates.</summary>
    public static List<CidrAddress> Gateways(CniResult result) =>
        [.. result.Ips.Where(ip => ip.Gateway is not null).Select(ip => new CidrAddress(ip.Gateway!, ip.Address.PrefixLength)).Distinct()];

    private static CniInterface Interface(Link link) => new() { Name = link.Name, Mac = link.Mac };

    private static bool IsDefault(CniRoute route, AddressFamily family) =>
        route.IsDefault && route.Destination.Address.AddressFamily == family;

    private static IPAddress FirstOf(CidrAddress address)
    {
        var bytes = address.Network.BaseAddress.GetAddressBytes();
        bytes[^1]++; // the last byte of a network is even unless it is a single address
        return new(bytes);
    }
}
