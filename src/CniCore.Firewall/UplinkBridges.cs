using CniCore.Linux.Netlink;

namespace CniCore.Firewall;

/// <summary>
/// Bridges over which the host itself reaches the world: with a port that is not a container's or a machine's, or a gateway behind them.
/// They are no network of containers that would have to be kept apart from others.
/// </summary>
internal static class UplinkBridges
{
    /// <summary>Their names, in the socket's namespace.</summary>
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
