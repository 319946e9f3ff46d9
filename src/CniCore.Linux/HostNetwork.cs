using CniCore.Linux.Files;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;

namespace CniCore.Linux;

/// <summary>
/// The network namespace that serves as the host, and access to it from any thread. A program creates one, and passes it to everything that
/// works on the host.
/// </summary>
/// <param name="netns">The namespace; null for the process's own. The caller keeps it open as long as this is used.</param>
public sealed class HostNetwork(NetworkNamespace? netns = null) : IDisposable
{
    private readonly Lock opening = new();
    private NftSocket? nftables;

    /// <summary>The identity of the namespace.</summary>
    public FileIdentity Identity
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
    /// nf_tables. The socket stays open: after a removal, close(2) waits about 10 ms until no processor uses the removed objects, and
    /// blocks all others (nf_tables_api.c, nft_rcv_nl_event).
    /// </summary>
    /// <exception cref="NetlinkException">EMFILE: there are no free descriptors.</exception>
    public NftSocket Nftables
    {
        get
        {
            lock (opening)
                return nftables ??= netns is null ? NftSocket.Open() : NftSocket.OpenIn(netns);
        }
    }

    /// <summary>Opens rtnetlink. One socket for each piece of work, since a slow change would block the others.</summary>
    /// <exception cref="NetlinkException">EMFILE: there are no free descriptors.</exception>
    public RouteSocket OpenRoutes() => netns is null ? RouteSocket.Open() : RouteSocket.OpenIn(netns);

    /// <summary>Opens conntrack netlink.</summary>
    /// <exception cref="NetlinkException">EMFILE: there are no free descriptors.</exception>
    public ConntrackSocket OpenConntrack() => netns is null ? ConntrackSocket.Open() : netns.Inside(ConntrackSocket.Open);

    /// <summary>Opens a monitor that reports changes of nf_tables from now on.</summary>
    /// <exception cref="NetlinkException">EMFILE: there are no free descriptors.</exception>
    public NftMonitor OpenMonitor() => netns is null ? NftMonitor.Open() : NftMonitor.OpenIn(netns);

    /// <summary>Runs work that depends on the thread's namespace: sysctls, files of <c>/proc</c>, child processes.</summary>
    public T Inside<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return netns is null ? work() : netns.Inside(work);
    }

    /// <summary>Runs work that depends on the thread's namespace.</summary>
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
