using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// <c>IpamDriver.RequestAddress</c>: for a gateway (<see cref="Options"/> say so), an auxiliary address, an endpoint, or one of them again
/// when the engine starts. For a new endpoint, Docker 29 says the container's name; older ones do not say whose it is.
/// </summary>
internal sealed record RequestAddress(
    [property: JsonPropertyName("PoolID")] string PoolId,
    [property: JsonPropertyName("Address")] string? Address = null,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, string>? Options = null);
