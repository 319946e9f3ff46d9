using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Netlink;

/// <summary>Hears when links, addresses or routes of a namespace change.</summary>
public sealed class RouteMonitor : IDisposable
{
    private readonly NetlinkSocket socket;

    private RouteMonitor(NetlinkSocket socket) => this.socket = socket;

    /// <summary>In that namespace. What changes from now on is heard.</summary>
    public static RouteMonitor OpenIn(NetworkNamespace netns)
    {
        ArgumentNullException.ThrowIfNull(netns);
        var socket = netns.Inside(() => NetlinkSocket.Open());
        foreach (var group in (int[])[rtnl.RTNLGRP_LINK, rtnl.RTNLGRP_IPV4_IFADDR, rtnl.RTNLGRP_IPV4_ROUTE, rtnl.RTNLGRP_IPV6_IFADDR,
            rtnl.RTNLGRP_IPV6_ROUTE])
            socket.Join(group);
        return new(socket);
    }

    /// <summary>Waits until something has changed, and hears all that has by then. False: nothing has, for so long.</summary>
    public bool Wait(TimeSpan limit) => socket.Hear(limit);

    /// <summary>Closes the socket.</summary>
    public void Dispose() => socket.Dispose();
}
