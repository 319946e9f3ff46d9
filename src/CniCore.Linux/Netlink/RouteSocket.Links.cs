using System.Runtime.InteropServices;
using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    private const ushort Create = rtnl.NLM_F_ACK | rtnl.NLM_F_CREATE | rtnl.NLM_F_EXCL;

    /// <summary>All interfaces.</summary>
    public IReadOnlyList<Link> Links() => socket.Dump(
        () => RequestWriter.For(rtnl.RTM_GETLINK, rtnl.NLM_F_DUMP, new ifinfomsg()), ReadLink, "listing interfaces");

    /// <summary>The interface of that name; null for none.</summary>
    public Link? FindLink(string name) => socket.Find(
        RequestWriter.For(rtnl.RTM_GETLINK, rtnl.NLM_F_ACK, new ifinfomsg()).Text(rtnl.IFLA_IFNAME, name), ReadLink,
            $"looking for interface {name}");

    /// <summary>The interface of that index; null for none.</summary>
    public Link? FindLink(int index) => socket.Find(
        RequestWriter.For(rtnl.RTM_GETLINK, rtnl.NLM_F_ACK, new ifinfomsg { ifi_index = index }), ReadLink,
            $"looking for interface {index}");

    /// <summary>Creates a veth pair, both ends here and down.</summary>
    public void CreateVeth(string name, string peer, string? mac = null, int? mtu = null) =>
        CreateVeth(new VethPair(name, peer) { Mac = mac, Mtu = mtu });

    /// <summary>Creates a veth pair as described. An end that is created in its namespace need not be moved.</summary>
    public void CreateVeth(VethPair pair)
    {
        var up = pair.Up ? rtnl.IFF_UP : 0;
        var request = RequestWriter.For(rtnl.RTM_NEWLINK, Create, new ifinfomsg { ifi_flags = up, ifi_change = up })
            .Text(rtnl.IFLA_IFNAME, pair.Name);
        Optional(request, pair.Mac, pair.Mtu);
        if (pair.MasterIndex is { } master)
            request.Int32(rtnl.IFLA_MASTER, master);
        using (request.Nest(rtnl.IFLA_LINKINFO))
        {
            request.Text(rtnl.IFLA_INFO_KIND, "veth");
            using (request.Nest(rtnl.IFLA_INFO_DATA))
            using (request.Nest(rtnl.VETH_INFO_PEER))
            {
                request.Struct(new ifinfomsg()).Text(rtnl.IFLA_IFNAME, pair.Peer);
                Optional(request, pair.PeerMac, pair.Mtu);
                if (pair.PeerNetns is { } netns)
                    request.Int32(rtnl.IFLA_NET_NS_FD, (int)netns.Handle.DangerousGetHandle());
            }
        }
        socket.Change(request, $"making the veth pair {pair.Name}, {pair.Peer}");
    }

    /// <summary>
    /// Deletes an interface, and the other end of a veth. Returns once it is in no list; the acknowledgement comes about 20 ms later, when
    /// nothing refers to it any more (net/core/dev.c, netdev_run_todo).
    /// </summary>
    public void DeleteLink(int index) => socket.ChangeUntilTold(
        RequestWriter.For(rtnl.RTM_DELLINK, rtnl.NLM_F_ACK, new ifinfomsg { ifi_index = index }),
        rtnl.RTNLGRP_LINK,
        (type, body) =>
            type == rtnl.RTM_DELLINK && MemoryMarshal.Read<ifinfomsg>(body) is var gone && gone.ifi_index == index && gone.ifi_family == 0,
        $"deleting interface {index}");

    /// <summary>Sets it up.</summary>
    public void SetUp(int index) =>
        socket.Change(RequestWriter.For(rtnl.RTM_SETLINK, rtnl.NLM_F_ACK,
            new ifinfomsg { ifi_index = index, ifi_flags = rtnl.IFF_UP, ifi_change = rtnl.IFF_UP }), $"setting interface {index} up");

    /// <summary>Sets it down.</summary>
    public void SetDown(int index) =>
        socket.Change(RequestWriter.For(rtnl.RTM_SETLINK, rtnl.NLM_F_ACK, new ifinfomsg { ifi_index = index, ifi_change = rtnl.IFF_UP }),
            $"setting interface {index} down");

    /// <summary>Renames it. Before Linux 6.2, it must be down.</summary>
    public void Rename(int index, string name) =>
        socket.Change(Set(index).Text(rtnl.IFLA_IFNAME, name), $"renaming interface {index} to {name}");

    /// <summary>Sets the MTU, in bytes.</summary>
    public void SetMtu(int index, int mtu) =>
        socket.Change(Set(index).Int32(rtnl.IFLA_MTU, mtu), $"setting the MTU of interface {index} to {mtu}");

    /// <summary>Sets the MAC, <c>aa:bb:cc:dd:ee:ff</c>.</summary>
    public void SetMac(int index, string mac) =>
        socket.Change(Set(index).Mac(rtnl.IFLA_ADDRESS, mac), $"setting the MAC of interface {index} to {mac}");

    /// <summary>Makes it a port of a bridge; 0 removes it from its bridge.</summary>
    public void SetMaster(int index, int masterIndex) =>
        socket.Change(Set(index).Int32(rtnl.IFLA_MASTER, masterIndex), $"setting the master of interface {index}");

    /// <summary>Sets its alias, a free text that survives a move, and its group.</summary>
    public void SetAlias(int index, string alias, int group = 0) =>
        socket.Change(Set(index).Text(rtnl.IFLA_IFALIAS, alias).Int32(rtnl.IFLA_GROUP, group), $"setting the alias of interface {index}");

    /// <summary>Moves it to another namespace under a new name, up or down. It loses its addresses and routes.</summary>
    public void MoveTo(int index, NetworkNamespace target, string name) =>
        socket.Change(Set(index).Int32(rtnl.IFLA_NET_NS_FD, (int)target.Handle.DangerousGetHandle()).Text(rtnl.IFLA_IFNAME, name),
            $"moving interface {index} to another namespace as {name}");

    private static RequestWriter Set(int index) => RequestWriter.For(rtnl.RTM_SETLINK, rtnl.NLM_F_ACK, new ifinfomsg { ifi_index = index });

    private static void Optional(RequestWriter request, string? mac, int? mtu)
    {
        if (mac is not null)
            request.Mac(rtnl.IFLA_ADDRESS, mac);
        if (mtu is { } bytes)
            request.Int32(rtnl.IFLA_MTU, bytes);
    }

    private static Link? ReadLink(ReadOnlySpan<byte> body)
    {
        var message = MemoryMarshal.Read<ifinfomsg>(body);
        var (name, kind, mac, alias, mtu, master, peer) = ("", (string?)null, "", "", 0, 0, 0);
        var (group, vlan, peerNamespace) = (0, 0, (int?)null);
        var attributes = new AttributeReader(body[Marshal.SizeOf<ifinfomsg>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case rtnl.IFLA_IFNAME: name = attributes.Text; break;
                case rtnl.IFLA_ADDRESS: mac = attributes.Mac; break;
                case rtnl.IFLA_IFALIAS: alias = attributes.Text; break;
                case rtnl.IFLA_GROUP: group = attributes.Int32; break;
                case rtnl.IFLA_MTU: mtu = attributes.Int32; break;
                case rtnl.IFLA_MASTER: master = attributes.Int32; break;
                case rtnl.IFLA_LINK: peer = attributes.Int32; break;
                case rtnl.IFLA_LINK_NETNSID: peerNamespace = attributes.Int32; break;
                case rtnl.IFLA_LINKINFO: (kind, vlan) = ReadKind(attributes.Value); break;
            }
        }
        return new(message.ifi_index, name, kind, mac, mtu, (message.ifi_flags & rtnl.IFF_UP) != 0, master, peer, alias)
        {
            Group = group,
            IsPromiscuous = (message.ifi_flags & rtnl.IFF_PROMISC) != 0,
            PeerNamespace = peerNamespace,
            Vlan = vlan,
        };
    }

    private static (string? Kind, int Vlan) ReadKind(ReadOnlySpan<byte> linkInfo)
    {
        string? kind = null;
        var attributes = new AttributeReader(linkInfo);
        while (attributes.Next())
        {
            if (attributes.Type == rtnl.IFLA_INFO_KIND)
                kind = attributes.Text;
            else if (attributes.Type == rtnl.IFLA_INFO_DATA && kind == "vlan")
                return (kind, ReadVlan(attributes.Value));
        }
        return (kind, 0);
    }

    private static int ReadVlan(ReadOnlySpan<byte> data)
    {
        var attributes = new AttributeReader(data);
        while (attributes.Next())
        {
            if (attributes.Type == rtnl.IFLA_VLAN_ID)
                return MemoryMarshal.Read<ushort>(attributes.Value);
        }
        return 0;
    }
}
