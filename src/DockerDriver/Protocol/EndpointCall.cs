using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// A call that names an endpoint and nothing else: <c>DeleteEndpoint</c>, <c>Leave</c>, <c>EndpointOperInfo</c>,
/// <c>RevokeExternalConnectivity</c>.
/// </summary>
internal sealed record EndpointCall(
    [property: JsonPropertyName("NetworkID")] string NetworkId,
    [property: JsonPropertyName("EndpointID")] string EndpointId);
