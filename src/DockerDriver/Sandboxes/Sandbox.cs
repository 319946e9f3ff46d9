using System.Net.Sockets;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Sandboxes;

/// <summary>Looks into a container's namespace as Docker keeps it: who lives there, and where our interface is.</summary>
internal static class Sandbox
{
    public static bool Exists(StoredEndpoint endpoint) => endpoint.SandboxKey.Length > 0 && NetworkNamespace.IsAt(endpoint.SandboxKey);

    /// <summary>Whether the endpoint's interface is inside, whatever it is called there.</summary>
    public static bool HasInterface(StoredEndpoint endpoint) => Find(endpoint) is not null;

    /// <summary>Whether it is inside under that name.</summary>
    public static bool HasInterface(StoredEndpoint endpoint, InterfaceName name) => Find(endpoint)?.Name == name.ToString();

    /// <summary>Moves the endpoint's interface out, renamed on the way. Says whether there was one.</summary>
    public static bool TakeOut(StoredEndpoint endpoint, NetworkNamespace target, InterfaceName name)
    {
        if (Find(endpoint) is not { } link)
            return false;
        using var space = Open(endpoint);
        if (space is null)
            return false;
        using var route = RouteSocket.OpenIn(space);
        route.MoveTo(link.Index, target, name.ToString());
        return true;
    }

    /// <summary>
    /// Whether a process runs inside. One does at a disconnect, none when the container has ended: only then may the interface be
    /// deleted in place. libnetwork keeps one it could not move out in its books, and a living container's statistics would fail over it.
    /// </summary>
    public static bool HasProcesses(StoredEndpoint endpoint)
    {
        using var space = Open(endpoint);
        return space is not null && Inhabitants.OfHost.Has(space);
    }

    /// <summary>The endpoint's interface, whatever the container has made of its name, its MAC and its alias.</summary>
    public static Link? Find(StoredEndpoint endpoint)
    {
        using var space = Open(endpoint);
        if (space is null)
            return null;
        using var route = RouteSocket.OpenIn(space);
        return LinkFinder.Find(endpoint.Link, endpoint.Mac, space, route);
    }

    /// <summary>
    /// The address families whose way out of the sandbox is another interface than the endpoint's: Docker 28 chooses a gateway for each.
    /// None where the interface is not inside, or not yet.
    /// </summary>
    public static IReadOnlySet<AddressFamily> FamiliesOfOthers(StoredEndpoint endpoint)
    {
        using var space = Open(endpoint);
        if (space is null)
            return new HashSet<AddressFamily>();
        using var route = RouteSocket.OpenIn(space);
        if (LinkFinder.Find(endpoint.Link, endpoint.Mac, space, route) is not { } own)
            return new HashSet<AddressFamily>();
        return route.Routes().Where(one => one.PrefixLength == 0)
            .GroupBy(one => one.Destination.AddressFamily)
            .Where(ways => ways.GroupBy(way => way.Metric).MinBy(equal => equal.Key)!.All(way => way.LinkIndex != own.Index))
            .Select(ways => ways.Key)
            .ToHashSet();
    }

    /// <summary>
    /// What identifies the endpoint's interface, where only its MAC was noted; null where the MAC is not that of one interface from
    /// outside alone.
    /// </summary>
    public static LinkIdentity? Identify(StoredEndpoint endpoint)
    {
        using var space = Open(endpoint);
        if (space is null)
            return null;
        using var route = RouteSocket.OpenIn(space);
        var fitting = route.Links().Where(link => string.Equals(link.Mac, endpoint.Mac, StringComparison.OrdinalIgnoreCase)).ToList();
        return fitting is [var only] && LinkFinder.IdentityIn(only, route) is { Parent: not 0 } identity ? identity : null;
    }

    /// <summary>Whether the interface is in the host's namespace, on its way into the sandbox or back from it.</summary>
    public static bool IsOnHost(StoredEndpoint endpoint)
    {
        using var route = RouteSocket.Open();
        return LinkFinder.FindOnHost(endpoint.Link, endpoint.HostName, route) is not null;
    }

    // Docker may unmount it at any time.
    private static NetworkNamespace? Open(StoredEndpoint endpoint)
    {
        try
        {
            return Exists(endpoint) ? NetworkNamespace.Open(endpoint.SandboxKey) : null;
        }
        catch (Exception gone) when (gone is FileNotFoundException or NamespaceException)
        {
            return null;
        }
    }
}
