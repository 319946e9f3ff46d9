using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary><c>NetworkDriver.Join</c>. Up to Docker 27 nothing is at <see cref="SandboxKey"/> yet.</summary>
internal sealed record Join(
    [property: JsonPropertyName("NetworkID")] string NetworkId,
    [property: JsonPropertyName("EndpointID")] string EndpointId,
    [property: JsonPropertyName("SandboxKey")] string? SandboxKey = null,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, JsonElement>? Options = null);
