namespace DockerDriver.Lists;

/// <summary>The capabilities that cnid sets itself.</summary>
internal static class CapabilityNames
{
    /// <summary>
    /// A capability of the built-in bridge: it leaves the container's interface in the host's namespace, under the given name, for Docker
    /// to move. This saves the holding namespace and a move.
    /// </summary>
    public const string HandOver = "handOver";

    /// <summary>The capability of published ports (CNI CONVENTIONS.md).</summary>
    public const string PortMappings = "portMappings";
}
