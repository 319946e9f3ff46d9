using DockerDriver.Listeners;
using DockerDriver.Protocol;

namespace DockerDriver.Ipam;

/// <summary>
/// libnetwork's remote IPAM protocol (libnetwork docs/ipam.md): one line per method, each calls <see cref="PoolService"/> or <see
/// cref="AddressService"/>.
/// </summary>
internal static class IpamDriverRoutes
{
    public static IEndpointRouteBuilder MapIpamDriver(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("IpamDriver.GetCapabilities", (ReservationReconciler reconciler) =>
            DockerAnswer.AnswerAsync(reconciler.EngineHasStartedAsync(), DockerJson.Default.IpamCapabilities));

        routes.MapPost("IpamDriver.GetDefaultAddressSpaces", () =>
            DockerAnswer.Answer(new AddressSpaces(AddressSpaces.Cni, AddressSpaces.Cni), DockerJson.Default.AddressSpaces));

        routes.MapPost("IpamDriver.RequestPool", (DockerBody<RequestPoolRequest> call, PoolService pools, CancellationToken cancel) =>
            DockerAnswer.AnswerAsync(pools.RequestAsync(call.Body, cancel), DockerJson.Default.RequestPoolResponse));

        routes.MapPost("IpamDriver.ReleasePool", (DockerBody<ReleasePoolRequest> call, PoolService pools) =>
        {
            pools.Release(call.Body);
            return DockerAnswer.Empty();
        });

        routes.MapPost("IpamDriver.RequestAddress",
            (DockerBody<RequestAddressRequest> call, AddressService addresses, CancellationToken cancel) =>
            DockerAnswer.AnswerAsync(addresses.RequestAsync(call.Body, cancel), DockerJson.Default.RequestAddressResponse));

        routes.MapPost("IpamDriver.ReleaseAddress", (DockerBody<ReleaseAddressRequest> call, AddressService addresses) =>
            DockerAnswer.EmptyAsync(addresses.ReleaseAsync(call.Body)));
        return routes;
    }
}
