using System.Net;
using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Says in libnetwork's words what a CNI result says: which interface to move in, its gateways and its other routes.
/// A default route goes as Gateway, never as a static route: since Docker 28 that one fails the start.
/// </summary>
internal static class JoinAnswer
{
    public static Joined For(StoredEndpoint endpoint, CniResult result, string? prefix = null)
    {
        var gateway = Gateway(result, AddressFamily.InterNetwork);
        var gatewayIPv6 = Gateway(result, AddressFamily.InterNetworkV6);
        IEnumerable<IPAddress> gateways = new[] { gateway, gatewayIPv6 }.OfType<IPAddress>();

        List<StaticRoute> routes = [.. gateways.Where(one => !OnLink(result, one)).Select(Reachable),
            .. result.Routes.Where(IsPlain).Select(route => Static(result, route)).Where(route => IsReachable(result, route))];

        return new(
            new(endpoint.HostName, prefix ?? "eth", endpoint.InterfaceName ?? ""),
            gateway?.ToString() ?? "",
            gatewayIPv6?.ToString() ?? "",
            routes,
            // Without a gateway libnetwork would attach docker_gwbridge and open a way out that the list did not give.
            DisableGatewayService: gateway is null);
    }

    /// <summary>Whether Docker can choose this endpoint as its container's gateway for IPv4: up to v27 the only one there is.</summary>
    public static bool MayBeGateway(CniResult result) => Gateway(result, AddressFamily.InterNetwork) is not null;

    /// <summary>The same for IPv6, from Docker 28 on.</summary>
    public static bool MayBeGatewayIPv6(CniResult result) => Gateway(result, AddressFamily.InterNetworkV6) is not null;

    private static IPAddress? Gateway(CniResult result, AddressFamily family)
    {
        var way = result.Routes.FirstOrDefault(route => route.IsDefault && route.Destination.Address.AddressFamily == family);
        return way is null ? null : way.Gateway ?? GatewayOf(result, family);
    }

    private static IPAddress? GatewayOf(CniResult result, AddressFamily family) =>
        result.Ips.Select(ip => ip.Gateway).FirstOrDefault(gateway => gateway?.AddressFamily == family);

    // libnetwork sets one address a family, and fails over a route that it has no way to yet; such a one is carried over.
    private static bool IsReachable(CniResult result, StaticRoute route) =>
        route.RouteType == StaticRoute.Connected || OnLink(result, AddressText.Parse(route.NextHop));

    private static bool OnLink(CniResult result, IPAddress gateway) =>
        result.Ips.FirstOrDefault(ip =>
            ip.Address.Address.AddressFamily == gateway.AddressFamily)?.Address.Network.Contains(gateway) == true
        || result.Routes.Any(route => !route.IsDefault && route.Gateway is null && route.Destination.Network.Contains(gateway));

    // libnetwork cannot say a table; such a route would land in the main one and mean something else.
    private static bool IsPlain(CniRoute route) => !route.IsDefault && route.Table is null or 254;

    private static StaticRoute Reachable(IPAddress gateway) =>
        new($"{gateway}/{(gateway.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}", StaticRoute.Connected, "");

    private static StaticRoute Static(CniResult result, CniRoute route)
    {
        var via = route.Gateway ?? (route.Scope == 253 ? null : GatewayOf(result, route.Destination.Address.AddressFamily));
        return via is null || via.Equals(route.Destination.Address)
            ? new(route.Destination.Network.ToString(), StaticRoute.Connected, "")
            : new(route.Destination.Network.ToString(), StaticRoute.Via, via.ToString());
    }
}
