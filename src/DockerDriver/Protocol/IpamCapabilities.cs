using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// Answer to <c>IpamDriver.GetCapabilities</c>. With a replay the engine names every pool and address it knows again when it starts.
/// </summary>
internal sealed record IpamCapabilities(
    [property: JsonPropertyName("RequiresMACAddress")] bool RequiresMacAddress,
    [property: JsonPropertyName("RequiresRequestReplay")] bool RequiresRequestReplay);
