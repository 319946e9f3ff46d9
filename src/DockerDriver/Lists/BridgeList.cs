using System.Text.Json.Nodes;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Lists;

/// <summary>
/// Generates the list of a network that was created without one: bridge, port mapping, firewall. Docker's IPAM assigns the addresses, so
/// each endpoint gets the list with its addresses in a <c>static</c> IPAM section; the capability <c>ips</c> would lose the gateway.
/// </summary>
internal static class BridgeList
{
    // Versions of current plugins; VERSION determines the newest that all of them support.
    private static readonly string[] Versions = ["0.4.0", "1.0.0", "1.1.0"];

    /// <summary>
    /// The list without addresses for built-in plugins. Masquerading and the firewall policy are the network's (<c>NetworkPolicies</c>).
    /// </summary>
    public static NetworkList ForBuiltins(string networkId, GeneratedBridge bridge, BridgeOptions options) =>
        For(networkId, bridge, options, masquerade: false, new JsonObject { ["mac"] = true, [CapabilityNames.HandOver] = true });

    /// <summary>
    /// The list without addresses for executables, with the firewall plugin, which admits the containers in both back ends of iptables.
    /// </summary>
    public static NetworkList ForExecutables(string networkId, GeneratedBridge bridge, BridgeOptions options) =>
        For(networkId, bridge, options, options is { Masquerade: true, Internal: false }
            && CanUseIpMasq(bridge), ExecutableCapabilities(), Firewall());

    /// <summary>
    /// The network with a list that can run now. One generated for built-ins has another where they are no longer used (setting
    /// <c>builtin</c>); masquerading stays the network's, as its record says.
    /// </summary>
    /// <exception cref="CniException">The executables are missing, or support none of the list's versions.</exception>
    public static async Task<StoredNetwork> UpdateAsync(StoredNetwork network, CniRuntime runtime, CancellationToken cancel)
    {
        if (!network.List.HasCapability(CapabilityNames.HandOver) || runtime.PerformsAll(network.List))
            return network;
        var list = network.List.With(0, network.List.Plugins[0].With("capabilities", ExecutableCapabilities()));
        list = list with { Plugins = [.. list.Plugins, PluginConfig.Parse(ListJson.Element(Firewall()))], CniVersions = Versions };
        return network with { List = await runtime.NegotiateAsync(list, cancel) };
    }

    /// <summary>
    /// Whether the plugin's <c>ipMasq</c> implements the options: the same for both families, with the address of the outgoing interface.
    /// </summary>
    public static bool CanUseIpMasq(GeneratedBridge bridge) =>
        bridge is
        {
            SourceIPv4: null, SourceIPv6: null, InhibitsIPv4: false, ModeIPv4: not GatewayMode.Routed,
            ModeIPv6: not GatewayMode.Routed
        };

    private static JsonObject ExecutableCapabilities() => new() { ["mac"] = true };

    private static JsonObject Firewall() => new() { ["type"] = "firewall" };

    private static NetworkList For(string networkId, GeneratedBridge bridge, BridgeOptions options, bool masquerade,
        JsonObject capabilities, params JsonObject[] more)
    {
        var main = new JsonObject
        {
            ["type"] = "bridge",
            ["bridge"] = bridge.Name,
            ["isGateway"] = bridge.LeavesGatewaysToPlugin,
            ["ipMasq"] = masquerade,
            ["hairpinMode"] = true,
            ["capabilities"] = capabilities,
            ["ipam"] = new JsonObject { ["type"] = "static" },
        };
        if (options.Mtu is { } mtu)
            main["mtu"] = mtu;
        if (options.ChecksMacs)
            main["macspoofchk"] = true;

        var plugins = new JsonArray(main);
        if (!bridge.Internal)
            plugins.Add((JsonNode)new JsonObject
            {
                ["type"] = "portmap", ["snat"] = true,
                ["capabilities"] = new JsonObject { ["portMappings"] = true }
            });
        foreach (var plugin in more)
            plugins.Add((JsonNode)plugin);

        return ListJson.Parse(new JsonObject
        {
            ["name"] = "cnid-" + networkId[..Math.Min(12, networkId.Length)],
            ["cniVersion"] = Versions[0],
            ["cniVersions"] = new JsonArray([.. Versions.Select(version => (JsonNode)version)]),
            ["plugins"] = plugins,
        });
    }

    /// <summary>The list for one endpoint.</summary>
    public static NetworkList WithAddresses(NetworkList list, GeneratedBridge bridge, IReadOnlyList<string> addresses)
    {
        var gateways = bridge.Gateways.Select(CidrAddress.Parse).ToList();
        var entries = new JsonArray();
        var routes = new JsonArray();
        foreach (var address in addresses)
        {
            var entry = new JsonObject { ["address"] = address };
            var family = CidrAddress.Parse(address).Address.AddressFamily;
            if (gateways.FirstOrDefault(gateway => gateway.Address.AddressFamily == family) is { Address: { } gateway })
            {
                entry["gateway"] = gateway.ToString();
                if (!bridge.Internal)
                    routes.Add((JsonNode)new JsonObject
                    {
                        ["dst"] = family == System.Net.Sockets.AddressFamily.InterNetwork
                        ? "0.0.0.0/0"
                        : "::/0"
                    });
            }
            entries.Add((JsonNode)entry);
        }

        var ipam = new JsonObject { ["type"] = "static", ["addresses"] = entries, ["routes"] = routes };
        return list.With(0, list.Plugins[0].With("ipam", ipam));
    }
}
