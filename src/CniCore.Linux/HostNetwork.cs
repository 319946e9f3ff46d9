using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;

namespace CniCore.Linux;

/// <summary>
/// The network namespace that serves as the host, and the way to work in it from any thread. A program makes one and hands it to whatever
/// works on the host.
/// </summary>
/// <param name="netns">The namespace; null for that of the process. The caller keeps it open as long as this is used.</param>
public sealed class HostNetwork(NetworkNamespace? netns = null) : IDisposable
{
    private readonly Lock opening = new();
    private NftSocket? nftables;

    /// <summary>What tells the namespace from others.</summary>
    public (ulong Device, ulong Inode) Identity
    {
        get
        {
            if (netns is not null)
                return netns.Identity;
            using var own = NetworkNamespace.Current();
            return own.Identity;
        }
    }

    /// <summary>
    /// nf_tables. The socket stays open: closing one over which something was removed waits until no processor sees that any more, some
    /// 10 ms, and keeps all others waiting (nf_tables_api.c, nft_rcv_nl_event).
    /// </summary>
    /// <exception cref="NetlinkException">EMFILE: no descriptor is left.</exception>
    public NftSocket Nftables
    {
        get
        {
            lock (opening)
                return nftables ??= netns is null ? NftSocket.Open() : NftSocket.OpenIn(netns);
        }
    }

    /// <summary>rtnetlink; a socket for each piece of work, as a change that waits for the kernel would keep others waiting.</summary>
    /// <exception cref="NetlinkException">EMFILE: no descriptor is left.</exception>
    public RouteSocket OpenRoutes() => netns is null ? RouteSocket.Open() : RouteSocket.OpenIn(netns);

    /// <summary>The flows that the kernel tracks.</summary>
    /// <exception cref="NetlinkException">EMFILE: no descriptor is left.</exception>
    public ConntrackSocket OpenConntrack() => netns is null ? ConntrackSocket.Open() : netns.Inside(ConntrackSocket.Open);

    /// <summary>Hears of changes to nf_tables from now on.</summary>
    /// <exception cref="NetlinkException">EMFILE: no descriptor is left.</exception>
    public NftMonitor OpenMonitor() => netns is null ? NftMonitor.Open() : NftMonitor.OpenIn(netns);

    /// <summary>Runs what is of the calling thread's namespace there: sysctls, files of <c>/proc</c>, child processes.</summary>
    public T Inside<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return netns is null ? work() : netns.Inside(work);
    }

    /// <summary>Runs what is of the calling thread's namespace there.</summary>
    public void Inside(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (netns is null)
            work();
        else
            netns.Inside(work);
    }

    /// <summary>Closes the socket of nf_tables.</summary>
    public void Dispose() => nftables?.Dispose();
}
