using System.Text.Json;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>
/// The host's bridges that a network list names. Who made them is recorded: one of an administrator's is
/// used, and left as it was found.
/// </summary>
public sealed class NetworkBridges(HostNetwork host)
{
    private const string Type = "bridge";

    /// <summary>
    /// Makes the list's bridges where nobody has, and gives the first one the gateways: for a list that executables perform, whose bridge
    /// would be nobody's otherwise.
    /// </summary>
    /// <param name="list">The network's list.</param>
    /// <param name="gateways">The host's addresses on it.</param>
    /// <param name="withoutIPv6">Not even the link-local address, by which containers would reach the host; on a bridge that cnid has
    /// made.</param>
    /// <exception cref="CniPluginException">Something else has the name, or the bridge has another address.</exception>
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
        // When the bridges are on record, and before a plugin does it, which thinks of nothing else.
        new HostForwarding(host).Enable(families);
    }

    /// <summary>
    /// The network goes: those of its bridges that cnid made and that have no port are removed, from the others goes what was added for
    /// it. Not GC: that would also give back what another runtime has reserved under the same list.
    /// </summary>
    /// <param name="list">The network's list.</param>
    /// <param name="own">The name of a bridge that is cnid's without a record; null for none.</param>
    /// <returns>Bridges that stay because of their ports, and how many those are.</returns>
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

    /// <summary>
    /// Why a network with these gateways cannot be on the interface of that name; null where it can, or there is none. Rules must be able
    /// to name it: a quote cannot be written in nft's language, and a <c>+</c> or <c>*</c> at the end means all names that begin so.
    /// </summary>
    public string? WhyNot(string name, IEnumerable<CidrAddress> gateways)
    {
        if (name.AsSpan().ContainsAny("\"'\\") || name is [.., '+' or '*'])
            return $"firewall rules cannot name the interface {name}; leave quotes and \\ away, and + and * at the end";
        using var routes = host.OpenRoutes();
        if (routes.FindLink(name) is not { } link)
            return null;
        if (link.Kind != Type)
            return $"the interface {name} is there, and is no bridge";
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

    // What no plugin takes has made no bridge.
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
