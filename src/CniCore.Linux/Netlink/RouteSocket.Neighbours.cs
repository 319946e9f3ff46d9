using System.Net;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>The neighbours of an interface, or of all interfaces.</summary>
    public IReadOnlyList<Neighbour> Neighbours(int? linkIndex = null)
    {
        var all = socket.Dump(() =>
            RequestWriter.For(rtnl.RTM_GETNEIGH, rtnl.NLM_F_DUMP, new ndmsg()), ReadNeighbour, "listing neighbours");
        return linkIndex is { } index ? [.. all.Where(neighbour => neighbour.LinkIndex == index)] : all;
    }

    /// <summary>Adds a permanent neighbour, or makes one permanent.</summary>
    public void SetNeighbour(int linkIndex, IPAddress address, string mac) => socket.Change(
        RequestWriter.For(rtnl.RTM_NEWNEIGH, rtnl.NLM_F_ACK | rtnl.NLM_F_CREATE | rtnl.NLM_F_REPLACE, Message(linkIndex, address))
            .Address(rtnl.NDA_DST, address)
            .Mac(rtnl.NDA_LLADDR, mac),
        $"setting the neighbour {address} of interface {linkIndex}");

    /// <summary>Removes a neighbour.</summary>
    public void DeleteNeighbour(int linkIndex, IPAddress address) => socket.Change(
        RequestWriter.For(rtnl.RTM_DELNEIGH, rtnl.NLM_F_ACK, Message(linkIndex, address)).Address(rtnl.NDA_DST, address),
        $"removing the neighbour {address} of interface {linkIndex}");

    private static ndmsg Message(int linkIndex, IPAddress address) => new()
    {
        ndm_family = Family(address),
        ndm_ifindex = linkIndex,
        ndm_state = rtnl.NUD_PERMANENT,
    };

    private static Neighbour? ReadNeighbour(ReadOnlySpan<byte> body)
    {
        var message = MemoryMarshal.Read<ndmsg>(body);
        var (address, mac) = ((IPAddress?)null, "");
        var attributes = new AttributeReader(body[Marshal.SizeOf<ndmsg>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case rtnl.NDA_DST: address = attributes.Address; break;
                case rtnl.NDA_LLADDR: mac = attributes.Mac; break;
            }
        }
        return address is null ? null : new(message.ndm_ifindex, address, mac, message.ndm_state);
    }
}
