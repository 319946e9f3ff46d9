namespace DockerDriver.State;

/// <summary>An interface of a container on a network: with the container's id, what CniCore finds an attachment by.</summary>
internal sealed record NamedInterface(string Network, string IfName)
{
    /// <summary>
    /// What the interface is known by, whatever the container has made of its name; null until ADD has succeeded, and for one of a cnid
    /// that did not note it.
    /// </summary>
    public LinkIdentity? Link { get; init; }
}
