using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>
/// How containers of a generated network are reached and seen from outside, of one family: Docker's <c>gateway_mode_ipv4</c> and
/// <c>gateway_mode_ipv6</c>.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<GatewayMode>))]
internal enum GatewayMode
{
    /// <summary>By published ports on the host's addresses; what goes out carries the host's address.</summary>
    Nat,

    /// <summary>The same, and from outside every port by the container's own address.</summary>
    NatUnprotected,

    /// <summary>Published ports by the container's own address, on no host address; what goes out carries it too.</summary>
    Routed,

    /// <summary>Not even the host has an address on the network. Only with <c>--internal</c>.</summary>
    Isolated,
}
