using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// <c>ProgramExternalConnectivity</c>: the endpoint is its container's gateway from now on, and carries what <c>-p</c> publishes. The
/// options are the sandbox's, with <c>com.docker.network.portmap</c>.
/// </summary>
internal sealed record ExternalConnectivity(
    [property: JsonPropertyName("NetworkID")] string NetworkId,
    [property: JsonPropertyName("EndpointID")] string EndpointId,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, JsonElement>? Options = null);
