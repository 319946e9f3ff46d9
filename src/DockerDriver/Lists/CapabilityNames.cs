namespace DockerDriver.Lists;

/// <summary>Capabilities of plugins that cnid itself gives a value to.</summary>
internal static class CapabilityNames
{
    /// <summary>
    /// The capability of the built-in bridge that leaves the container's end in the host's namespace, under a name, for Docker to move:
    /// no holding namespace, and one move less.
    /// </summary>
    public const string HandOver = "handOver";

    /// <summary>The capability of published ports (CNI CONVENTIONS.md).</summary>
    public const string PortMappings = "portMappings";
}
