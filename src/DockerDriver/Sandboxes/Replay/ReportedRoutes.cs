using System.Net;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.Protocol;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>
/// The part of Join's answer that Docker sets after the move, one message at a time: the addresses, the static routes, then the gateway
/// (for one of the container's endpoints only). A route that already exists fails the start.
/// </summary>
internal sealed class ReportedRoutes(JoinResponse reported)
{
    private const byte IPv4 = 2;

    private readonly IReadOnlyList<IPNetwork> routes = [.. reported.StaticRoutes.Select(route =>
        AddressText.ParseNetwork(route.Destination))];

    /// <summary>Whether a gateway of that family was reported.</summary>
    public bool HasGateway(byte family) => (family == IPv4 ? reported.Gateway : reported.GatewayIPv6).Length > 0;

    /// <summary>Whether Docker sets a route to that destination.</summary>
    public bool Includes(KernelObject route) =>
        route.IsOrdinaryRoute && (IsDefault(route)
            ? HasGateway(route.Family)
            : routes.Any(network => network.PrefixLength == route.PrefixLength && network.BaseAddress.Equals(route.Destination)));

    /// <summary>Whether it is a route to the gateway's address: only it makes the gateway reachable.</summary>
    public bool IsForGateway(KernelObject route) =>
        route.Destination.ToString() is var destination && (destination == reported.Gateway || destination == reported.GatewayIPv6);

    /// <summary>Whether all routes but the gateway's exist.</summary>
    public bool AreSet(IReadOnlyList<KernelObject> present) => routes.All(network =>
        present.Any(route => route.IsOrdinaryRoute && route.PrefixLength == network.PrefixLength
            && route.Destination.Equals(network.BaseAddress)));

    public static bool IsDefault(KernelObject route) => route.IsOrdinaryRoute && route.PrefixLength == 0;
}
