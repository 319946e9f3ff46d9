using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>
/// Reports every change to nf_tables of a namespace, whoever makes it, iptables-nft included. iptables-legacy is not nf_tables, and its
/// changes are not reported.
/// </summary>
public sealed class NftMonitor : IDisposable
{
    private readonly NetlinkSocket socket;

    private NftMonitor(NetlinkSocket socket) => this.socket = socket;

    /// <summary>Opens it in the namespace of the calling thread. Reports changes from now on.</summary>
    /// <exception cref="NetlinkException">EMFILE: there are no free descriptors.</exception>
    public static NftMonitor Open()
    {
        var socket = NetlinkSocket.Open(nfnetlink.NETLINK_NETFILTER);
        socket.Join(nf_tables.NFNLGRP_NFTABLES);
        return new(socket);
    }

    /// <summary>Opens it in that namespace; usable from any thread.</summary>
    public static NftMonitor OpenIn(NetworkNamespace netns)
    {
        ArgumentNullException.ThrowIfNull(netns);
        return netns.Inside(Open);
    }

    /// <summary>Waits for a change, and reads all notifications that have arrived. False after the timeout.</summary>
    public bool Wait(TimeSpan limit) => socket.Hear(limit);

    /// <summary>Closes the socket.</summary>
    public void Dispose() => socket.Dispose();
}
