using System.Net;
using System.Net.Sockets;
using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.Interfaces;

/// <summary>
/// Configures the container's interface with a result, and compares the two (plugins pkg/ipam ConfigureIface, pkg/ip utils).
/// </summary>
internal static class ContainerInterface
{
    private const int MainTable = 254;

    /// <summary>
    /// Sets addresses, up, and routes. Only addresses that the result assigns to an interface are set; that must be this one.
    /// </summary>
    /// <exception cref="CniPluginException">The result assigns an address to another interface.</exception>
    public static void Configure(NetworkNamespace netns, RouteSocket inside, Link link, CniResult result, bool detectDuplicates = false)
    {
        var own = Own(link, result);
        if (own.Any(ip => IsV6(ip.Address.Address)))
            netns.Inside(() => EnableIPv6(link.Name));
        foreach (var ip in own)
            inside.AddAddress(link.Index, ip.Address.Address, ip.Address.PrefixLength, detectDuplicates);
        inside.SetUp(link.Index);
        foreach (var route in result.Routes.Select(route => RouteOf(route, link, own)).Distinct())
            inside.AddRouteBeside(route);
    }

    /// <summary>For CHECK: compares the interface's addresses, and the routes, with the result.</summary>
    /// <exception cref="CniPluginException">An address or a route is missing.</exception>
    public static void Check(RouteSocket inside, Link link, CniResult result)
    {
        var own = Own(link, result);
        var present = inside.Addresses(link.Index);
        if (own.FirstOrDefault(ip =>
            !present.Any(address =>
                address.Address.Equals(ip.Address.Address) && address.PrefixLength == ip.Address.PrefixLength)) is { } missing)
            throw new CniPluginException(CniErrorCode.Internal, $"{link.Name} has not the address {missing.Address} that ADD gave it");
        foreach (var wanted in result.Routes.Select(route => RouteOf(route, link, own)))
        {
            if (!inside.Routes(wanted.Table).Any(route => IsAsWanted(route, wanted)))
                throw new CniPluginException(CniErrorCode.Internal,
                    $"the route to {wanted.Destination}/{wanted.PrefixLength} that ADD set is not there");
        }
    }

    // An address without an interface in the result is another plugin's to set.
    private static List<CniAddress> Own(Link link, CniResult result)
    {
        var own = result.Ips.Where(ip => ip.Interface is not null).ToList();
        foreach (var ip in own)
        {
            if (ip.Interface < 0 || ip.Interface >= result.Interfaces.Count || result.Interfaces[ip.Interface!.Value].Name != link.Name)
                throw new CniPluginException(CniErrorCode.Internal,
                    $"failed to add IP addr {ip.Address} to \"{link.Name}\": invalid interface index");
        }
        return own;
    }

    // The kernel chooses what the result does not say.
    private static bool IsAsWanted(Route route, Route wanted) =>
        route.PrefixLength == wanted.PrefixLength && route.Destination.Equals(wanted.Destination)
        && (wanted.Gateway is null || wanted.Gateway.Equals(route.Gateway))
        && (wanted.Metric == 0 || wanted.Metric == route.Metric)
        && (wanted.Mtu == 0 || wanted.Mtu == route.Mtu)
        && (wanted.AdvMss == 0 || wanted.AdvMss == route.AdvMss);

    private static Route RouteOf(CniRoute route, Link link, List<CniAddress> own)
    {
        var destination = route.Destination;
        var gateway = route.Gateway
            ?? own.Select(ip => ip.Gateway).FirstOrDefault(gateway => gateway is not null && IsV6(gateway) == IsV6(destination.Address));
        return new(destination.Network.BaseAddress, destination.PrefixLength, gateway, link.Index, route.Priority
            ?? 0, route.Table ?? MainTable, route.Scope ?? 0)
        {
            Mtu = route.Mtu ?? 0,
            AdvMss = route.AdvMss ?? 0,
        };
    }

    private static void EnableIPv6(string ifName)
    {
        Sysctl.WriteIfThere("net/ipv6/conf/lo/disable_ipv6", "0");
        Sysctl.WriteIfThere($"net/ipv6/conf/{ifName}/disable_ipv6", "0");
        Sysctl.WriteIfThere($"net/ipv6/conf/{ifName}/keep_addr_on_down", "1");
    }

    private static bool IsV6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;
}
