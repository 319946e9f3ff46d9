using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Netlink;

/// <summary>
/// rtnetlink: links, addresses, routes, rules and neighbours of one namespace, the one it was opened in. Calls wait for the kernel,
/// most well under a millisecond; moving or deleting a link waits for RCU, some 20 ms.
/// </summary>
public sealed partial class RouteSocket : IDisposable
{
    private readonly NetlinkSocket socket;

    private RouteSocket(NetlinkSocket socket) => this.socket = socket;

    /// <summary>In the namespace of the calling thread.</summary>
    public static RouteSocket Open() => new(NetlinkSocket.Open());

    /// <summary>In that namespace; usable from any thread.</summary>
    public static RouteSocket OpenIn(NetworkNamespace netns) => netns.Inside(Open);

    /// <summary>Closes the socket.</summary>
    public void Dispose() => socket.Dispose();
}
