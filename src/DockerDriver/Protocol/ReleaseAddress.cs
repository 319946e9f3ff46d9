using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary><c>IpamDriver.ReleaseAddress</c>, without a prefix length.</summary>
internal sealed record ReleaseAddress(
    [property: JsonPropertyName("PoolID")] string PoolId,
    [property: JsonPropertyName("Address")] string Address);
