using DockerDriver.Listeners;
using DockerDriver.Protocol;

namespace DockerDriver.Ipam;

/// <summary>
/// libnetwork's remote IPAM protocol (libnetwork docs/ipam.md): one line a method, each hands over to <see cref="PoolService"/> or
/// <see cref="AddressService"/>.
/// </summary>
internal static class IpamDriverRoutes
{
    public static IEndpointRouteBuilder MapIpamDriver(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("IpamDriver.GetCapabilities", (ReservationReconciler reconciler) =>
            ToDocker.AnswerAsync(reconciler.EngineHasStartedAsync(), DockerJson.Default.IpamCapabilities));

        routes.MapPost("IpamDriver.GetDefaultAddressSpaces", () =>
            ToDocker.Answer(new AddressSpaces(AddressSpaces.Cni, AddressSpaces.Cni), DockerJson.Default.AddressSpaces));

        routes.MapPost("IpamDriver.RequestPool", (FromDocker<RequestPool> call, PoolService pools, CancellationToken cancel) =>
            ToDocker.AnswerAsync(pools.RequestAsync(call.Body, cancel), DockerJson.Default.PoolRequested));

        routes.MapPost("IpamDriver.ReleasePool", (FromDocker<ReleasePool> call, PoolService pools) =>
        {
            pools.Release(call.Body);
            return ToDocker.Done();
        });

        routes.MapPost("IpamDriver.RequestAddress", (FromDocker<RequestAddress> call, AddressService addresses, CancellationToken cancel) =>
            ToDocker.AnswerAsync(addresses.RequestAsync(call.Body, cancel), DockerJson.Default.AddressRequested));

        routes.MapPost("IpamDriver.ReleaseAddress", (FromDocker<ReleaseAddress> call, AddressService addresses) =>
            ToDocker.DoneAsync(addresses.ReleaseAsync(call.Body)));
        return routes;
    }
}
