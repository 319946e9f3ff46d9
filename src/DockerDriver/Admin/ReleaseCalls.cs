using DockerDriver.Errors;
using DockerDriver.Ipam;
using DockerDriver.NetworkDriver;
using DockerDriver.NoneNetwork;
using DockerDriver.Protocol;

namespace DockerDriver.Admin;

/// <summary>Ends what the daemon owns and cannot end by itself: an endpoint, a none-container's networks, a reserved address.</summary>
internal sealed class ReleaseCalls(
    EndpointService endpoints, NoneNetworkService containers, AddressService addresses, NoneNetworkWatcher watcher)
{
    /// <exception cref="RefusedException">The daemon owns nothing of that id.</exception>
    public async Task<Released> ReleaseAsync(string id)
    {
        var lines = await endpoints.ReleaseAsync(id) ?? await containers.ReleaseAsync(id) ?? await addresses.ReleaseByHandAsync(id);
        watcher.Follow(id); // it may run still, and is attached anew then
        return new(lines ?? throw new RefusedException($"the daemon has nothing of the id {id}"));
    }
}
