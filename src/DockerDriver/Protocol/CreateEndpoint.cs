using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// <c>NetworkDriver.CreateEndpoint</c>. Docker leaves every field of <see cref="Interface"/> empty that the driver may choose;
/// <c>--driver-opt</c> keys stand at the top of <see cref="Options"/>.
/// </summary>
internal sealed record CreateEndpoint(
    [property: JsonPropertyName("NetworkID")] string NetworkId,
    [property: JsonPropertyName("EndpointID")] string EndpointId,
    [property: JsonPropertyName("Interface")] EndpointInterface? Interface = null,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, JsonElement>? Options = null);
