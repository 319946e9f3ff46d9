using System.Security.Cryptography;
using System.Text;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The veth pair of one attachment. Its host end is a port of the bridge.</summary>
internal static class BridgePort
{
    private const int DefaultVlan = 1;

    /// <summary>
    /// The name of the host end: the same for every call about the attachment, so that DEL finds it when nothing else is left. 15 bytes,
    /// the kernel's limit.
    /// </summary>
    public static string NameOf(BuiltinCall call) =>
        "veth"
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{call.Network}/{call.ContainerId}/{call.IfName}")))[..11];

    /// <summary>Creates the pair. <paramref name="netns"/>: the namespace of the container's end; null leaves it on the host.</summary>
    /// <exception cref="CniPluginException">The container has an interface with that name.</exception>
    public static Link Make(RouteSocket host, Link bridge, BuiltinCall call, BridgeConfig config,
        NetworkNamespace? netns, RouteSocket? inside)
    {
        var name = NameOf(call);
        AttachedLink.MakeWay(host, name, inside, call.IfName);
        host.CreateVeth(new VethPair(name, config.HandOver ?? call.IfName)
        {
            Mac = HighMac(),
            PeerMac = config.Mac,
            Mtu = config.Mtu,
            MasterIndex = bridge.Index,
            PeerNetns = netns,
            Up = true,
        });
        var port = host.FindLink(name)!;
        try
        {
            if (config.Fields.HairpinMode || config.Fields.PortIsolation)
                host.SetBridgePort(port.Index, config.Fields.HairpinMode, config.Fields.PortIsolation);
            SetVlans(host, port, config);
            return port;
        }
        catch
        {
            AttachedLink.Delete(host, name);
            throw;
        }
    }

    /// <summary>Removes the pair, wherever its other end is.</summary>
    public static void Remove(RouteSocket host, BuiltinCall call) => AttachedLink.Delete(host, NameOf(call));

    /// <summary>
    /// The veth pair with the gateway addresses of a VLAN: a port of the bridge in that VLAN, and an end with the addresses.
    /// </summary>
    public static Link EnsureVlanGateway(RouteSocket host, Link bridge, BridgeConfig config)
    {
        var name = config.VlanGatewayName;
        if (host.FindLink(name) is { } there)
            return there;
        var port = $"{name}p";
        host.CreateVeth(new VethPair(port, name) { MasterIndex = bridge.Index, Mtu = config.Mtu, Up = true });
        SetVlans(host, host.FindLink(port)!, config);
        var gateway = host.FindLink(name)!;
        host.SetUp(gateway.Index);
        return gateway;
    }

    // A bridge without a MAC of its own takes the lowest one of its ports: not this one, if there are others.
    private static string HighMac() => "fe:" + string.Join(':', RandomNumberGenerator.GetBytes(5).Select(part => $"{part:x2}"));

    private static void SetVlans(RouteSocket host, Link port, BridgeConfig config)
    {
        if (!config.FiltersVlans)
            return;
        if (!config.Fields.PreserveDefaultVlan)
            host.DeleteVlan(port.Index, DefaultVlan);
        if (config.Fields.Vlan != 0)
            host.AddVlan(port.Index, config.Fields.Vlan, untagged: true);
        else
            host.AddVlan(port.Index, DefaultVlan, untagged: true); // a trunk alone keeps its native VLAN
        foreach (var vlan in config.Trunk)
            host.AddVlan(port.Index, vlan, untagged: false);
    }
}
