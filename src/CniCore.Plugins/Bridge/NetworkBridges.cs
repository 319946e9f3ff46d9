using System.Text.Json;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>
/// The host's bridges that a network list names. It is recorded who created them: an administrator's is used, and left as it was.
/// </summary>
public sealed class NetworkBridges(HostNetwork host)
{
    private const string Type = "bridge";

    /// <summary>
    /// Creates the list's bridges unless they exist, and gives the first one the gateway addresses. For a list that executables run, so
    /// that the bridge is known to be cnid's.
    /// </summary>
    /// <param name="list">The network's list.</param>
    /// <param name="gateways">The host's addresses on it.</param>
    /// <param name="withoutIPv6">No IPv6 address, not even a link-local one by which containers would reach the host. Only for a bridge
    /// that cnid created.</param>
    /// <exception cref="CniPluginException">The name belongs to something else, or the bridge has a conflicting address.</exception>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public void Ensure(NetworkList list, IReadOnlyList<CidrAddress> gateways, bool withoutIPv6 = false)
    {
        using var routes = host.OpenRoutes();
        var bridges = new HostBridges(host, routes);
        var families = gateways.Select(gateway => gateway.Address.AddressFamily).ToList();
        foreach (var config in Of(list))
        {
            var bridge = bridges.Ensure(new(config, null, null, []));
            if (withoutIPv6 && bridges.IsOwn(bridge))
                host.Inside(() => Sysctl.WriteIfThere($"net/ipv6/conf/{bridge.Name}/disable_ipv6", "1"));
            BridgeGateways.Set(bridges, bridge, gateways, list.Name.ToString(), config.ForceAddress);
            gateways = [];
        }
        // Once the bridges are recorded, and before a plugin enables forwarding without any protection.
        new HostForwarding(host).Enable(families);
    }

    /// <summary>
    /// Releases the bridges of a network that is removed: those that cnid created are removed unless they have ports; on others, the
    /// network's changes are undone. This is not GC, which would also release what another runtime reserved with the same list.
    /// </summary>
    /// <param name="list">The network's list.</param>
    /// <param name="own">The name of a bridge that is cnid's even without a record; null for none.</param>
    /// <returns>The bridges that stay because of their ports, with the number of ports.</returns>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public IReadOnlyDictionary<string, int> Release(NetworkList list, string? own = null)
    {
        using var routes = host.OpenRoutes();
        var used = new Dictionary<string, int>();
        foreach (var name in Of(list).Select(NameOf))
        {
            if (new HostBridges(host, routes).Release(name, list.Name.ToString(), isOwn: name == own) is var ports and > 0)
                used[name] = ports;
        }
        new HostForwarding(host).Restore();
        return used;
    }

    /// <summary>Forgets the bridges that somebody else has removed.</summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public void ForgetGone()
    {
        using var routes = host.OpenRoutes();
        new BridgeRecords(host).DeleteGone(routes);
    }

    /// <summary>
    /// Why a network with these gateways cannot use the interface of that name; null if it can, or if there is no such interface. Rules
    /// must be able to name the interface: nft's syntax has no escape for a quote, and <c>+</c> or <c>*</c> at the end is a wildcard.
    /// </summary>
    public string? WhyNot(string name, IEnumerable<CidrAddress> gateways)
    {
        if (name.AsSpan().ContainsAny("\"'\\") || name is [.., '+' or '*'])
            return $"firewall rules cannot name the interface {name}; leave quotes and \\ away, and + and * at the end";
        using var routes = host.OpenRoutes();
        if (routes.FindLink(name) is not { } link)
            return null;
        if (link.Kind != Type)
            return $"the interface {name} exists, and is not a bridge";
        var present = routes.Addresses(link.Index);
        foreach (var gateway in gateways)
        {
            if (BridgeGateways.InTheWay(present, gateway) is not { } other)
                continue;
            var there = new CidrAddress(other.Address, other.PrefixLength);
            return $"the bridge {name} has the address {there}, and the network's gateway would be {gateway}; "
                + $"make the network with --subnet {there.Network} --gateway {there.Address}, or on a bridge without an address";
        }
        return null;
    }

    private static IEnumerable<BridgeFields> Of(NetworkList list) =>
        list.Plugins.Where(plugin => plugin.Type.ToString() == Type).Select(plugin => Read(plugin.Json)).OfType<BridgeFields>();

    // A plugin object that is broken has created no bridge.
    private static BridgeFields? Read(JsonElement plugin)
    {
        try
        {
            return plugin.Deserialize(BridgeJson.Default.BridgeFields);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string NameOf(BridgeFields config) => new BridgeConfig(config, null, null, []).Name;
}
