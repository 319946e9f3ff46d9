using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Netlink;

/// <summary>Reports changes of links, addresses and routes of a namespace.</summary>
public sealed class RouteMonitor : IDisposable
{
    private readonly NetlinkSocket socket;

    private RouteMonitor(NetlinkSocket socket) => this.socket = socket;

    /// <summary>Opens it in that namespace. Reports changes from now on.</summary>
    public static RouteMonitor OpenIn(NetworkNamespace netns)
    {
        ArgumentNullException.ThrowIfNull(netns);
        var socket = netns.Inside(() => NetlinkSocket.Open());
        foreach (var group in (int[])[rtnl.RTNLGRP_LINK, rtnl.RTNLGRP_IPV4_IFADDR, rtnl.RTNLGRP_IPV4_ROUTE, rtnl.RTNLGRP_IPV6_IFADDR,
            rtnl.RTNLGRP_IPV6_ROUTE])
            socket.Join(group);
        return new(socket);
    }

    /// <summary>Waits for a change, and reads all notifications that have arrived. False after the timeout.</summary>
    public bool Wait(TimeSpan limit) => socket.Hear(limit);

    /// <summary>Closes the socket.</summary>
    public void Dispose() => socket.Dispose();
}
