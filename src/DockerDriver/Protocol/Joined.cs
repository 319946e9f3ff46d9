using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>Answer to <c>Join</c>: the interface libnetwork moves in, and the routes it sets afterwards.</summary>
internal sealed record Joined(
    [property: JsonPropertyName("InterfaceName")] MovedInterface InterfaceName,
    [property: JsonPropertyName("Gateway")] string Gateway,
    [property: JsonPropertyName("GatewayIPv6")] string GatewayIPv6,
    [property: JsonPropertyName("StaticRoutes")] IReadOnlyList<StaticRoute> StaticRoutes,
    [property: JsonPropertyName("DisableGatewayService")] bool DisableGatewayService);
