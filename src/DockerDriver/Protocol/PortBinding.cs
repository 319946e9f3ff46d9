using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// One entry of <c>com.docker.network.portmap</c>: <c>-p</c> as libnetwork passes it on. <see cref="Proto"/> is the IP protocol number;
/// <see cref="HostPort"/> 0 leaves the choice to the driver.
/// </summary>
internal sealed record PortBinding(
    [property: JsonPropertyName("Proto")] int Proto = 6,
    [property: JsonPropertyName("Port")] int Port = 0,
    [property: JsonPropertyName("HostIP")] string? HostIp = "",
    [property: JsonPropertyName("HostPort")] int HostPort = 0,
    [property: JsonPropertyName("HostPortEnd")] int HostPortEnd = 0);
