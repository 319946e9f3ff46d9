namespace DockerDriver.State;

/// <summary>An interface of a container on a network: with the container's id, what CniCore finds an attachment by.</summary>
internal sealed record NamedInterface(string Network, string IfName);
