using DockerDriver.Protocol;

namespace DockerDriver.Labels;

/// <summary>Everything that a container's labels request. Network names are unique, and so are interface names.</summary>
/// <param name="Networks">In the order of attachment; the first with a default route keeps it.</param>
/// <param name="Ports"><c>cni.ports</c>.</param>
internal sealed record ContainerRequest(IReadOnlyList<NetworkRequest> Networks, IReadOnlyList<PortBinding> Ports);
