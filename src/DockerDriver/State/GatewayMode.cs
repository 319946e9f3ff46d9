using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>
/// The way in which containers of a generated network are reached from outside, for one address family: Docker's <c>gateway_mode_ipv4</c>
/// and <c>gateway_mode_ipv6</c>.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<GatewayMode>))]
internal enum GatewayMode
{
    /// <summary>Published ports are reached on the host's addresses; outgoing packets have the host's address as their source.</summary>
    Nat,

    /// <summary>As <see cref="Nat"/>; in addition every port is reached from outside on the container's own address.</summary>
    NatUnprotected,

    /// <summary>
    /// Published ports are reached on the container's own address only; outgoing packets have that address as their source.
    /// </summary>
    Routed,

    /// <summary>The host has no address on the network. Only with <c>--internal</c>.</summary>
    Isolated,
}
