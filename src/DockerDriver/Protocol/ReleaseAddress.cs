using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// <c>IpamDriver.ReleaseAddress</c>, without a prefix length; empty where Docker has none to release (libnetwork ipams/remote/remote.go).
/// </summary>
internal sealed record ReleaseAddress(
    [property: JsonPropertyName("PoolID")] string PoolId,
    [property: JsonPropertyName("Address")] string? Address = null);
