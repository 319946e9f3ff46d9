using System.Net.Sockets;
using CniCore.Firewall;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Firewall;

/// <summary>Translates the options of generated networks into firewall policies.</summary>
internal static class NetworkPolicies
{
    /// <summary>A policy for each generated network.</summary>
    /// <param name="networks">The networks.</param>
    /// <param name="endpoints">All endpoints, for their open ports.</param>
    public static IReadOnlyList<FirewallPolicy> Of(IEnumerable<StoredNetwork> networks, IEnumerable<StoredEndpoint> endpoints)
    {
        var ports = endpoints.ToLookup(endpoint => endpoint.NetworkId, endpoint => endpoint.OpenPorts, StringComparer.Ordinal);
        return [.. networks.Where(network => network.Bridge is not null)
            .Select(network => Of(network.Bridge!, ports[network.Id].SelectMany(open => open)))];
    }

    /// <summary>The policy of one network.</summary>
    /// <param name="bridge">Its settings.</param>
    /// <param name="open">The open ports of its endpoints.</param>
    public static FirewallPolicy Of(GeneratedBridge bridge, IEnumerable<OpenPort> open) => new()
    {
        Traffic = [TrafficSelector.Of(bridge.Name)],
        IsInternal = bridge.Internal,
        Ingress = bridge.Icc ? Ingress.SameInterface : Ingress.None,
        ReachV4 = ReachOf(bridge.ModeIPv4),
        ReachV6 = ReachOf(bridge.ModeIPv6),
        Trusted = bridge.TrustedInterfaces,
        OpenPorts = [.. open.Select(port => new OpenAddress(AddressText.Parse(port.Address), port.Protocol, port.Port))],
        Translations = [.. bridge.MasqueradedSubnets.Select(subnet => new SourceTranslation(subnet, subnet)
        {
            To = bridge.SourceOf(subnet.BaseAddress.AddressFamily) is { } source ? AddressText.Parse(source) : null,
            NotOver = bridge.InhibitsIPv4 && subnet.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? bridge.Name : null,
        })],
    };

    private static Reach ReachOf(GatewayMode mode) => mode switch
    {
        GatewayMode.NatUnprotected => Reach.Everything,
        GatewayMode.Routed => Reach.OpenPorts,
        _ => Reach.Published,
    };
}
