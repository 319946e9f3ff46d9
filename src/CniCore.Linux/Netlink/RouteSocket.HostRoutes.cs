using System.Net;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>Takes away the route to its subnet that an address brought along.</summary>
    public void DeleteConnectedRoute(int linkIndex, IPAddress network, int prefixLength)
    {
        // Neither protocol nor scope are named: the kernel made the route, and each family in its own way.
        var request = RequestWriter.For(rtnl.RTM_DELROUTE, rtnl.NLM_F_ACK, new rtmsg
        {
            rtm_family = Family(network),
            rtm_dst_len = (byte)prefixLength,
            rtm_table = rtnl.RT_TABLE_MAIN,
            rtm_scope = rtnl.RT_SCOPE_NOWHERE,
        });
        socket.Change(request.Address(rtnl.RTA_DST, network).Int32(rtnl.RTA_OIF, linkIndex),
            $"removing the route to {network}/{prefixLength}");
    }

    /// <summary>Has the host take in what comes through an interface for an address.</summary>
    public void AddLocalRoute(int linkIndex, IPAddress address, int metric) =>
        socket.Change(Local(rtnl.RTM_NEWROUTE, Create, linkIndex, address, metric),
            $"taking in packets for {address} through interface {linkIndex}");

    /// <summary>No more.</summary>
    public void DeleteLocalRoute(int linkIndex, IPAddress address, int metric) =>
        socket.Change(Local(rtnl.RTM_DELROUTE, rtnl.NLM_F_ACK, linkIndex, address, metric),
            $"taking in no more packets for {address} through interface {linkIndex}");

    private static RequestWriter Local(ushort type, ushort flags, int linkIndex, IPAddress address, int metric) => RequestWriter
        .For(type, flags, new rtmsg
        {
            rtm_family = Family(address),
            rtm_dst_len = (byte)(address.GetAddressBytes().Length * 8),
            rtm_table = rtnl.RT_TABLE_LOCAL,
            rtm_protocol = rtnl.RTPROT_BOOT,
            rtm_scope = rtnl.RT_SCOPE_HOST,
            rtm_type = rtnl.RTN_LOCAL,
        })
        .Address(rtnl.RTA_DST, address)
        .Int32(rtnl.RTA_OIF, linkIndex)
        .Int32(rtnl.RTA_PRIORITY, metric);
}
