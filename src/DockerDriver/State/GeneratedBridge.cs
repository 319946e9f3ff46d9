using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>What a generated network is, apart from its list: the bridge it stands on and who may talk over it.</summary>
/// <param name="Name">The bridge's interface name. It is made by the first attachment and goes with the network.</param>
/// <param name="Gateways">Docker's gateways with their prefix length, at most one a family; none of a family that is isolated.</param>
/// <param name="Internal">Nothing in, nothing out.</param>
/// <param name="Icc">Containers of the bridge reach each other.</param>
/// <param name="Masquerades">What goes out carries the host's address, unless a family is routed: the network's matter, not each
/// attachment's.</param>
internal sealed record GeneratedBridge(string Name, IReadOnlyList<string> Gateways, bool Internal, bool Icc, bool Masquerades = false)
{
    public GatewayMode ModeIPv4 { get; init; }

    public GatewayMode ModeIPv6 { get; init; }

    /// <summary>The address that what goes out carries; null for that of the interface it goes out by.</summary>
    public string? SourceIPv4 { get; init; }

    /// <inheritdoc cref="SourceIPv4"/>
    public string? SourceIPv6 { get; init; }

    /// <summary>The IPv4 gateway is somebody else's: the bridge does not get its address.</summary>
    public bool InhibitsIPv4 { get; init; }

    /// <summary>Interfaces of the host from which published ports are reached by the containers' own addresses.</summary>
    [JsonPropertyName("trusted")]
    public IReadOnlyList<string> TrustedInterfaces { get; init => field = value ?? []; } = [];

    /// <summary>The gateways that are this host.</summary>
    public IEnumerable<CidrAddress> HostGateways =>
        Gateways.Select(CidrAddress.Parse).Where(gateway => !InhibitsIPv4 || gateway.Address.AddressFamily != AddressFamily.InterNetwork);

    /// <summary>
    /// Whether the plugin may give the bridge its gateways. It gives it one of each family that a container has an address of, and where
    /// none is known makes one up: not where a family's gateway is another router, or nobody.
    /// </summary>
    public bool LeavesGatewaysToPlugin =>
        Gateways.Count > 0 && !InhibitsIPv4 && ModeIPv4 != GatewayMode.Isolated && ModeIPv6 != GatewayMode.Isolated;

    /// <summary>The subnets of its gateways.</summary>
    public IEnumerable<IPNetwork> Subnets => Gateways.Select(gateway => CidrAddress.Parse(gateway).Network);

    /// <summary>Those from which what goes out carries another address.</summary>
    public IEnumerable<IPNetwork> Translated =>
        Masquerades ? Subnets.Where(subnet => ModeOf(subnet.BaseAddress.AddressFamily) != GatewayMode.Routed) : [];

    /// <summary>
    /// Whether published ports are reached by the containers' own addresses of a family, from anywhere or from some interfaces.
    /// </summary>
    public bool Opens(AddressFamily family) => !Internal && (TrustedInterfaces.Count > 0 || ModeOf(family) == GatewayMode.Routed);

    public GatewayMode ModeOf(AddressFamily family) => family == AddressFamily.InterNetwork ? ModeIPv4 : ModeIPv6;

    public string? SourceOf(AddressFamily family) => family == AddressFamily.InterNetwork ? SourceIPv4 : SourceIPv6;
}
