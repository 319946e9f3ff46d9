using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>Creates a bridge, down. Unlike the alias, the group is set at creation.</summary>
    public void CreateBridge(string name, int? mtu = null, bool vlanFiltering = false, int group = 0)
    {
        var request = RequestWriter.For(rtnl.RTM_NEWLINK, Create, new ifinfomsg()).Text(rtnl.IFLA_IFNAME, name);
        Optional(request, null, mtu);
        if (group != 0)
            request.Int32(rtnl.IFLA_GROUP, group);
        using (request.Nest(rtnl.IFLA_LINKINFO))
        {
            request.Text(rtnl.IFLA_INFO_KIND, "bridge");
            if (vlanFiltering)
            {
                using (request.Nest(rtnl.IFLA_INFO_DATA))
                    request.Flag(rtnl.IFLA_BR_VLAN_FILTERING, true);
            }
        }
        socket.Change(request, $"making the bridge {name}");
    }

    /// <summary>
    /// Settings of a bridge's port. Hairpin: a frame may leave through the port where it came in. Isolated: no traffic with other isolated
    /// ports.
    /// </summary>
    public void SetBridgePort(int index, bool hairpin, bool isolated)
    {
        var request = RequestWriter.For(rtnl.RTM_SETLINK, rtnl.NLM_F_ACK, new ifinfomsg { ifi_family = rtnl.AF_BRIDGE, ifi_index = index });
        using (request.Nest(rtnl.IFLA_PROTINFO))
        {
            request.Flag(rtnl.IFLA_BRPORT_MODE, hairpin);
            if (isolated)
                request.Flag(rtnl.IFLA_BRPORT_ISOLATED, true);
        }
        socket.Change(request, $"setting the bridge port {index}");
    }

    /// <summary>Isolates a port of a bridge, and keeps its other settings: no traffic with other isolated ports.</summary>
    public void IsolateBridgePort(int index)
    {
        var request = RequestWriter.For(rtnl.RTM_SETLINK, rtnl.NLM_F_ACK, new ifinfomsg { ifi_family = rtnl.AF_BRIDGE, ifi_index = index });
        using (request.Nest(rtnl.IFLA_PROTINFO))
            request.Flag(rtnl.IFLA_BRPORT_ISOLATED, true);
        socket.Change(request, $"isolating the bridge port {index}");
    }

    /// <summary>Sets promiscuous mode.</summary>
    public void SetPromiscuous(int index, bool on) => socket.Change(
        RequestWriter.For(rtnl.RTM_SETLINK, rtnl.NLM_F_ACK,
            new ifinfomsg { ifi_index = index, ifi_flags = on ? rtnl.IFF_PROMISC : 0, ifi_change = rtnl.IFF_PROMISC }),
        $"setting interface {index} {(on ? "promiscuous" : "not promiscuous")}");

    /// <summary>Lets a VLAN, 1 to 4094, pass a port. Untagged: frames without a tag belong to it, and it leaves without a tag.</summary>
    public void AddVlan(int index, int vlan, bool untagged) =>
        Vlan(rtnl.RTM_SETLINK, index, vlan, untagged, onBridge: false, $"adding VLAN {vlan} to the bridge port {index}");

    /// <summary>Lets a VLAN pass to the bridge's own interface.</summary>
    public void AddVlanToBridge(int index, int vlan) =>
        Vlan(rtnl.RTM_SETLINK, index, vlan, untagged: false, onBridge: true, $"adding VLAN {vlan} to the bridge {index}");

    /// <summary>Removes a VLAN from a port.</summary>
    public void DeleteVlan(int index, int vlan) =>
        Vlan(rtnl.RTM_DELLINK, index, vlan, untagged: false, onBridge: false, $"removing VLAN {vlan} from the bridge port {index}");

    private void Vlan(ushort type, int index, int vlan, bool untagged, bool onBridge, string operation)
    {
        var info = new bridge_vlan_info
        {
            vid = (ushort)vlan, flags = untagged
            ? (ushort)(rtnl.BRIDGE_VLAN_INFO_PVID | rtnl.BRIDGE_VLAN_INFO_UNTAGGED)
            : (ushort)0
        };
        var request = RequestWriter.For(type, rtnl.NLM_F_ACK, new ifinfomsg { ifi_family = rtnl.AF_BRIDGE, ifi_index = index });
        using (request.Nest(rtnl.IFLA_AF_SPEC))
        {
            if (onBridge)
                request.Bytes(rtnl.IFLA_BRIDGE_FLAGS, BitConverter.GetBytes(rtnl.BRIDGE_FLAGS_SELF));
            request.Bytes(rtnl.IFLA_BRIDGE_VLAN_INFO, MemoryMarshal.AsBytes(new ReadOnlySpan<bridge_vlan_info>(in info)));
        }
        socket.Change(request, operation);
    }
}
