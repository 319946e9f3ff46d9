using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary><c>NetworkDriver.GwAllocCheck</c> (Docker 28 and later), before the network's pools are asked for.</summary>
internal sealed record GatewayAllocationAsked(
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, JsonElement>? Options = null);
