using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>Answer to <c>RequestPool</c>. A gateway in <see cref="Data"/> saves the engine asking for one.</summary>
internal sealed record PoolRequested(
    [property: JsonPropertyName("PoolID")] string PoolId,
    [property: JsonPropertyName("Pool")] string Pool,
    [property: JsonPropertyName("Data")] IReadOnlyDictionary<string, string> Data);
