using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.Ptp;

/// <summary>
/// The routes between the ends of a pair, although the container's address claims a whole subnet: in the container, only the gateway is on
/// the link, and the subnet is routed through it. The host has the gateway's address, and a route for each address of the container.
/// </summary>
internal static class PtpRoutes
{
    private const int MainTable = 254;
    private const int ScopeLink = 253;
    private const int ScopeHost = 254;

    /// <summary>The routes in the container, instead of the subnet route that came with an address.</summary>
    public static void SetInside(RouteSocket inside, Link link, IReadOnlyList<CniAddress> ips)
    {
        var subnets = ips.DistinctBy(ip => ip.Address.Network).Where(ip => ip.Address.PrefixLength < Bits(ip.Address.Address)).ToList();
        foreach (var subnet in subnets.Select(ip => ip.Address.Network))
            inside.DeleteConnectedRoute(link.Index, subnet.BaseAddress, subnet.PrefixLength);
        foreach (var ip in ips.DistinctBy(ip => ip.Gateway))
            inside.AddRoute(new(ip.Gateway!, Bits(ip.Gateway!), null, link.Index, Table: MainTable,
                Scope: ScopeLink)
            { Source = ip.Address.Address });
        foreach (var ip in subnets)
            inside.AddRoute(new(ip.Address.Network.BaseAddress, ip.Address.PrefixLength, ip.Gateway,
                link.Index)
            { Source = ip.Address.Address });
    }

    /// <summary>The routes on the host.</summary>
    public static void SetOnHost(RouteSocket host, Link link, IReadOnlyList<CniAddress> ips)
    {
        foreach (var gateway in ips.Select(ip => ip.Gateway!).Distinct())
            host.AddAddress(link.Index, gateway, Bits(gateway));
        foreach (var address in ips.Select(ip => ip.Address.Address))
            host.AddRoute(new(address, Bits(address), null, link.Index, Scope: ScopeHost));
    }

    private static int Bits(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
}
