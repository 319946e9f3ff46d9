using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>Answer to <c>EndpointOperInfo</c>. The engine reads nothing of a remote driver's map.</summary>
internal sealed record OperationalInfo([property: JsonPropertyName("Value")] IReadOnlyDictionary<string, JsonElement> Value);
