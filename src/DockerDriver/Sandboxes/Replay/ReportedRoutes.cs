using System.Net;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.Protocol;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>
/// What Docker was told at Join and sets by itself after the move, one message at a time: the addresses, the static routes, and the
/// gateway, which comes last and for one of the container's endpoints only. One that it finds made already fails the start.
/// </summary>
internal sealed class ReportedRoutes(Joined told)
{
    private const byte IPv4 = 2;

    private readonly IReadOnlyList<IPNetwork> routes = [.. told.StaticRoutes.Select(route => AddressText.ParseNetwork(route.Destination))];

    /// <summary>Whether it was told of a gateway for that family.</summary>
    public bool HasGateway(byte family) => (family == IPv4 ? told.Gateway : told.GatewayIPv6).Length > 0;

    /// <summary>Whether it sets a route to there.</summary>
    public bool Includes(KernelObject route) =>
        route.IsOrdinaryRoute && (IsDefault(route)
            ? HasGateway(route.Family)
            : routes.Any(one => one.PrefixLength == route.PrefixLength && one.BaseAddress.Equals(route.Destination)));

    /// <summary>Whether a route is one that was told for the gateway's sake: only it makes the gateway reachable.</summary>
    public bool IsForGateway(KernelObject route) =>
        route.Destination.ToString() is var destination && (destination == told.Gateway || destination == told.GatewayIPv6);

    /// <summary>Whether all of it is there but the gateway.</summary>
    public bool AreSet(IReadOnlyList<KernelObject> present) => routes.All(one =>
        present.Any(route => route.IsOrdinaryRoute && route.PrefixLength == one.PrefixLength && route.Destination.Equals(one.BaseAddress)));

    public static bool IsDefault(KernelObject route) => route.IsOrdinaryRoute && route.PrefixLength == 0;
}
