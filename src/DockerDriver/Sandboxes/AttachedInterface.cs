using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Sandboxes;

/// <summary>
/// A container's interface as its ADD left it. Plugins find it by its name, which a container can give to another one; and a namespace
/// that is shared (<c>--network container:NAME</c>) lives on with whatever DEL did not find.
/// </summary>
internal static class AttachedInterface
{
    // Where what stands in its place goes.
    private const string Aside = "cnid-aside";

    /// <summary>What it is known by.</summary>
    public static LinkIdentity? IdentityOf(InterfaceName name, RouteSocket inside) =>
        inside.FindLink(name.ToString()) is { } link ? LinkFinder.IdentityIn(link, inside) : null;

    /// <summary>Gives it its name back, for DEL. One that is not in the namespace, or refuses, is taken from wherever it is.</summary>
    public static void Restore(NamedInterface one, string netns, NetworkList list)
    {
        if (one.Link is null || netns.Length == 0)
            return;
        try
        {
            using var space = NetworkNamespace.Open(netns);
            using var inside = RouteSocket.OpenIn(space);
            if (LinkFinder.Find(one.Link, mac: "", space, inside) is { } own)
                Restore(own, one.IfName, inside);
            else
                LinkFinder.Cut(one.Link, list);
        }
        catch (Exception fault) when (fault is LinuxException or IOException)
        {
            LinkFinder.Cut(one.Link, list);
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

    // Kernels before 6.2 want it down.
    private static void Rename(RouteSocket inside, Link link, string name)
    {
        inside.SetDown(link.Index);
        inside.Rename(link.Index, name);
    }
}
