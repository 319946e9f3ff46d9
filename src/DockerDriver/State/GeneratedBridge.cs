using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>The settings of a generated network that its list does not have: its bridge, and its firewall policy.</summary>
/// <param name="Name">The bridge's interface name. The first attachment creates the bridge; it is removed with the network.</param>
/// <param name="Gateways">Docker's gateways with prefix length, at most one per family; none for an isolated family.</param>
/// <param name="Internal">No traffic between the network and anything outside of it.</param>
/// <param name="Icc">Inter-container communication: containers of the bridge reach each other.</param>
/// <param name="Masquerades">
/// Outgoing packets get the host's address, except in a routed family. A rule of the network, not of each attachment.
/// </param>
internal sealed record GeneratedBridge(string Name, IReadOnlyList<string> Gateways, bool Internal, bool Icc, bool Masquerades = false)
{
    public GatewayMode ModeIPv4 { get; init; }

    public GatewayMode ModeIPv6 { get; init; }

    /// <summary>The source address of masqueraded packets; null for the address of the outgoing interface.</summary>
    public string? SourceIPv4 { get; init; }

    /// <inheritdoc cref="SourceIPv4"/>
    public string? SourceIPv6 { get; init; }

    /// <summary>The IPv4 gateway is another router: the bridge does not get its address.</summary>
    public bool InhibitsIPv4 { get; init; }

    /// <summary>Host interfaces from which published ports are reached on the containers' own addresses.</summary>
    [JsonPropertyName("trusted")]
    public IReadOnlyList<string> TrustedInterfaces { get; init => field = value ?? []; } = [];

    /// <summary>The gateways whose addresses this host has.</summary>
    public IEnumerable<CidrAddress> HostGateways =>
        Gateways.Select(CidrAddress.Parse).Where(gateway => !InhibitsIPv4 || gateway.Address.AddressFamily != AddressFamily.InterNetwork);

    /// <summary>
    /// Whether the bridge plugin may assign the gateway addresses. It assigns one for each family in which a container has an address, and
    /// computes one where it is given none: wrong where a family's gateway is another router, or where a family has no gateway.
    /// </summary>
    public bool LeavesGatewaysToPlugin =>
        Gateways.Count > 0 && !InhibitsIPv4 && ModeIPv4 != GatewayMode.Isolated && ModeIPv6 != GatewayMode.Isolated;

    /// <summary>The subnets of the gateways.</summary>
    public IEnumerable<IPNetwork> Subnets => Gateways.Select(gateway => CidrAddress.Parse(gateway).Network);

    /// <summary>The subnets whose outgoing packets are masqueraded.</summary>
    public IEnumerable<IPNetwork> MasqueradedSubnets =>
        Masquerades ? Subnets.Where(subnet => ModeOf(subnet.BaseAddress.AddressFamily) != GatewayMode.Routed) : [];

    /// <summary>
    /// Whether published ports of a family are reached on the containers' own addresses, from anywhere or from the trusted interfaces.
    /// </summary>
    public bool AllowsDirectAccess(AddressFamily family) => !Internal
        && (TrustedInterfaces.Count > 0 || ModeOf(family) == GatewayMode.Routed);

    /// <exception cref="FormatException">An address cannot be read.</exception>
    public void Check()
    {
        StoredAddresses.Check(Gateways);
        foreach (var source in new[] { SourceIPv4, SourceIPv6 }.OfType<string>())
            _ = AddressText.Parse(source);
    }

    public GatewayMode ModeOf(AddressFamily family) => family == AddressFamily.InterNetwork ? ModeIPv4 : ModeIPv6;

    public string? SourceOf(AddressFamily family) => family == AddressFamily.InterNetwork ? SourceIPv4 : SourceIPv6;
}
