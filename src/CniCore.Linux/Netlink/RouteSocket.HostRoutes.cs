using System.Net;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>Removes the subnet route that the kernel added with an address.</summary>
    public void DeleteConnectedRoute(int linkIndex, IPAddress network, int prefixLength)
    {
        // Without protocol and scope: the kernel sets them differently in each family.
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

    /// <summary>Adds a local route: the host accepts packets to the address from that interface.</summary>
    public void AddLocalRoute(int linkIndex, IPAddress address, int metric) =>
        socket.Change(Local(rtnl.RTM_NEWROUTE, Create, linkIndex, address, metric),
            $"taking in packets for {address} through interface {linkIndex}");

    /// <summary>Removes such a local route.</summary>
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
