using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Sandboxes;

/// <summary>
/// A container's interface after ADD. Plugins find it by its name, which the container can give to another interface. A shared namespace
/// (<c>--network container:NAME</c>) keeps what DEL does not find.
/// </summary>
internal static class AttachedInterface
{
    // The temporary name of another interface that has taken the name.
    private const string Aside = "cnid-aside";

    /// <summary>What identifies the interface of that name; null where there is none.</summary>
    public static LinkIdentity? IdentityOf(InterfaceName name, RouteSocket inside) =>
        inside.FindLink(name.ToString()) is { } link ? LinkFinder.IdentityIn(link, inside) : null;

    /// <summary>
    /// Gives the interface its name back, for DEL. Where it is not in the namespace, or cannot be renamed, it is deleted by its peer.
    /// </summary>
    public static void Restore(NamedInterface attached, string netnsPath, NetworkList list)
    {
        if (attached.Link is null || netnsPath.Length == 0)
            return;
        try
        {
            using var netns = NetworkNamespace.Open(netnsPath);
            using var inside = RouteSocket.OpenIn(netns);
            if (LinkFinder.Find(attached.Link, mac: "", netns, inside) is { } own)
                Restore(own, attached.IfName, inside);
            else
                LinkFinder.DeletePeer(attached.Link, list);
        }
        catch (Exception fault) when (fault is LinuxException or IOException)
        {
            LinkFinder.DeletePeer(attached.Link, list);
        }
    }

    private static void Restore(Link own, string name, RouteSocket inside)
    {
        if (own.Name == name)
            return;
        if (inside.FindLink(name) is { } other)
            Rename(inside, other, Aside);
        Rename(inside, own, name);
        if (own.IsUp)
            inside.SetUp(own.Index);
    }

    // Kernels before 6.2 rename only interfaces that are down.
    private static void Rename(RouteSocket inside, Link link, string name)
    {
        inside.SetDown(link.Index);
        inside.Rename(link.Index, name);
    }
}
