using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>
/// Hears of every change to the nf_tables of one namespace, whoever makes it, iptables-nft included. iptables-legacy's rules are none of
/// nf_tables', and nobody is told of a change to them.
/// </summary>
public sealed class NftMonitor : IDisposable
{
    private readonly NetlinkSocket socket;

    private NftMonitor(NetlinkSocket socket) => this.socket = socket;

    /// <summary>In the namespace of the calling thread. What changes from now on is heard.</summary>
    /// <exception cref="NetlinkException">EMFILE: no descriptor is left.</exception>
    public static NftMonitor Open()
    {
        var socket = NetlinkSocket.Open(nfnetlink.NETLINK_NETFILTER);
        socket.Join(nf_tables.NFNLGRP_NFTABLES);
        return new(socket);
    }

    /// <summary>In that namespace; usable from any thread.</summary>
    public static NftMonitor OpenIn(NetworkNamespace netns)
    {
        ArgumentNullException.ThrowIfNull(netns);
        return netns.Inside(Open);
    }

    /// <summary>Waits until something has changed, and hears all that has by then. False: nothing has, for so long.</summary>
    public bool Wait(TimeSpan limit) => socket.Hear(limit);

    /// <summary>Closes the socket.</summary>
    public void Dispose() => socket.Dispose();
}
