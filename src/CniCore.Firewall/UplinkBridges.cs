using CniCore.Linux.Netlink;

namespace CniCore.Firewall;

/// <summary>
/// Bridges that are uplinks of the host: one of their ports leads neither to a container nor to a virtual machine, or a gateway is behind
/// them. They are not isolated from networks of containers.
/// </summary>
internal static class UplinkBridges
{
    /// <summary>The names of the bridges in the socket's namespace.</summary>
    public static IReadOnlyList<string> Of(RouteSocket route)
    {
        var links = route.Links();
        var behindGateways = route.Routes().Where(way => way.Gateway is not null).Select(way => way.LinkIndex).ToHashSet();
        return [.. links
            .Where(link => link.Kind == "bridge")
            .Where(link => behindGateways.Contains(link.Index)
                || links.Any(port => port.MasterIndex == link.Index && port.Kind is not ("veth" or "tun")))
            .Select(link => link.Name)];
    }
}
