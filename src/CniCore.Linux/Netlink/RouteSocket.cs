using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Netlink;

/// <summary>
/// rtnetlink: links, addresses, routes, rules and neighbours of the namespace in which it was opened. Most calls take well under a
/// millisecond; moving or deleting a link waits for RCU, about 20 ms.
/// </summary>
public sealed partial class RouteSocket : IDisposable
{
    private readonly NetlinkSocket socket;

    internal RouteSocket(NetlinkSocket socket) => this.socket = socket;

    /// <summary>Opens it in the namespace of the calling thread.</summary>
    public static RouteSocket Open() => new(NetlinkSocket.Open());

    /// <summary>Opens it in that namespace; usable from any thread.</summary>
    public static RouteSocket OpenIn(NetworkNamespace netns) => netns.Inside(Open);

    /// <summary>Closes the socket.</summary>
    public void Dispose() => socket.Dispose();
}
