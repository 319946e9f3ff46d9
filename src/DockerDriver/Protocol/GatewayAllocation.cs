using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>Answer to <c>GwAllocCheck</c> (Docker 28 and later): whether its IPAM need not reserve a gateway.</summary>
internal sealed record GatewayAllocation(
    [property: JsonPropertyName("SkipIPv4")] bool SkipIPv4,
    [property: JsonPropertyName("SkipIPv6")] bool SkipIPv6);
