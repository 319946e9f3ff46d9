using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary><c>IpamDriver.ReleasePool</c>: comes before <c>DeleteNetwork</c>.</summary>
internal sealed record ReleasePool([property: JsonPropertyName("PoolID")] string PoolId);
