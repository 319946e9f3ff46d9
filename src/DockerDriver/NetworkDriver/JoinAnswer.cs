using System.Net;
using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Translates a CNI result into the answer to Join: the interface to move, its gateways and its other routes. A default route is sent as
/// Gateway, never as a static route: since Docker 28 that fails the start.
/// </summary>
internal static class JoinAnswer
{
    public static JoinResponse For(StoredEndpoint endpoint, CniResult result, string? prefix = null)
    {
        var gateway = Gateway(result, AddressFamily.InterNetwork);
        var gatewayIPv6 = Gateway(result, AddressFamily.InterNetworkV6);
        IEnumerable<IPAddress> gateways = new[] { gateway, gatewayIPv6 }.OfType<IPAddress>();

        List<StaticRoute> routes = [.. gateways.Where(address => !OnLink(result, address)).Select(Reachable),
            .. result.Routes.Where(IsMainTableRoute).Select(route => Static(result, route)).Where(route => IsReachable(result, route))];

        return new(
            new(endpoint.HostName, prefix ?? "eth", endpoint.InterfaceName ?? ""),
            gateway?.ToString() ?? "",
            gatewayIPv6?.ToString() ?? "",
            routes,
            // Without a gateway libnetwork would attach docker_gwbridge, and with it a default route that the list does not have.
            DisableGatewayService: gateway is null);
    }

    /// <summary>Whether Docker can choose this endpoint as the container's IPv4 gateway; up to 27 the only gateway.</summary>
    public static bool MayBeGateway(CniResult result) => Gateway(result, AddressFamily.InterNetwork) is not null;

    /// <summary>Whether Docker can choose this endpoint as the container's IPv6 gateway, since 28.</summary>
    public static bool MayBeGatewayIPv6(CniResult result) => Gateway(result, AddressFamily.InterNetworkV6) is not null;

    private static IPAddress? Gateway(CniResult result, AddressFamily family)
    {
        var way = result.Routes.FirstOrDefault(route => route.IsDefault && route.Destination.Address.AddressFamily == family);
        return way is null ? null : way.Gateway ?? GatewayOf(result, family);
    }

    private static IPAddress? GatewayOf(CniResult result, AddressFamily family) =>
        result.Ips.Select(ip => ip.Gateway).FirstOrDefault(gateway => gateway?.AddressFamily == family);

    // libnetwork sets one address per family, and fails with a route whose next hop is not reachable yet; such a route is replayed later.
    private static bool IsReachable(CniResult result, StaticRoute route) =>
        route.RouteType == StaticRoute.Connected || OnLink(result, AddressText.Parse(route.NextHop));

    private static bool OnLink(CniResult result, IPAddress gateway) =>
        result.Ips.FirstOrDefault(ip =>
            ip.Address.Address.AddressFamily == gateway.AddressFamily)?.Address.Network.Contains(gateway) == true
        || result.Routes.Any(route => !route.IsDefault && route.Gateway is null && route.Destination.Network.Contains(gateway));

    // libnetwork cannot express a table; such a route would be added to the main one.
    private static bool IsMainTableRoute(CniRoute route) => !route.IsDefault && route.Table is null or 254;

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
