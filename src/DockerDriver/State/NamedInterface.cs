namespace DockerDriver.State;

/// <summary>A container's interface on a network. With the container id, it identifies an attachment.</summary>
internal sealed record NamedInterface(string Network, string IfName)
{
    /// <summary>
    /// The identity of the interface, valid even if the container renames it; null until ADD has succeeded, and in records of a version
    /// that did not store it.
    /// </summary>
    public LinkIdentity? Link { get; init; }
}
