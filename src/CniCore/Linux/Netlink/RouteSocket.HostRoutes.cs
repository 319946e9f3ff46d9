using System.Net;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>Takes away the route to its subnet that an address brought along.</summary>
    internal void DeleteConnectedRoute(int linkIndex, IPAddress network, int prefixLength)
    {
        // Neither protocol nor scope are named: the kernel made the route, and each family in its own way.
        var request = RequestWriter.For(rtnl.RTM_DELROUTE, rtnl.NLM_F_ACK, new rtmsg
        {
            rtm_family = Family(network),
            rtm_dst_len = (byte)prefixLength,
            rtm_table = rtnl.RT_TABLE_MAIN,
            rtm_scope = rtnl.RT_SCOPE_NOWHERE,
        });
        socket.Change(request.Address(rtnl.RTA_DST, network).Int32(rtnl.RTA_OIF, linkIndex), $"removing the route to {network}/{prefixLength}");
    }
}
