using DockerDriver.Protocol;

namespace DockerDriver.Labels;

/// <summary>All that a container's labels ask for. Names and interface names are distinct.</summary>
/// <param name="Networks">In the order of their attachment; the first that brings a default route keeps it.</param>
/// <param name="Ports"><c>cni.ports</c>.</param>
internal sealed record ContainerRequest(IReadOnlyList<NetworkRequest> Networks, IReadOnlyList<PortBinding> Ports);
