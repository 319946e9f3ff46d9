using DockerDriver.Errors;
using DockerDriver.Ipam;
using DockerDriver.NetworkDriver;
using DockerDriver.NoneNetwork;
using DockerDriver.Protocol;

namespace DockerDriver.Admin;

/// <summary>Manual teardown of what the daemon owns: an endpoint, a label container's attachments, a reservation.</summary>
internal sealed class ReleaseCalls(
    EndpointService endpoints, NoneNetworkService containers, AddressService addresses, NoneNetworkWatcher watcher)
{
    /// <exception cref="RefusedException">The daemon owns nothing with that id.</exception>
    public async Task<ReleaseResponse> ReleaseAsync(string id)
    {
        var lines = await endpoints.ReleaseAsync(id) ?? await containers.ReleaseAsync(id) ?? await addresses.ForceReleaseAsync(id);
        watcher.Follow(id); // if it is still running, it is attached again
        return new(lines ?? throw new RefusedException($"the daemon owns nothing with the id {id}"));
    }
}
