using System.Net.Sockets;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Sandboxes;

/// <summary>
/// Queries the sandbox of an endpoint: whether it exists, whether processes run in it, and where the endpoint's interface is.
/// </summary>
internal static class Sandbox
{
    public static bool Exists(StoredEndpoint endpoint) => endpoint.SandboxKey.Length > 0 && NetworkNamespace.IsAt(endpoint.SandboxKey);

    /// <summary>Whether the endpoint's interface is inside, under any name.</summary>
    public static bool HasInterface(StoredEndpoint endpoint) => Find(endpoint) is not null;

    /// <summary>Whether the endpoint's interface is inside under that name.</summary>
    public static bool HasInterface(StoredEndpoint endpoint, InterfaceName name) => Find(endpoint)?.Name == name.ToString();

    /// <summary>Moves the endpoint's interface to another netns under that name. Returns whether it was inside.</summary>
    public static bool MoveInterfaceOut(StoredEndpoint endpoint, NetworkNamespace target, InterfaceName name)
    {
        if (Find(endpoint) is not { } link)
            return false;
        using var netns = Open(endpoint);
        if (netns is null)
            return false;
        using var route = RouteSocket.OpenIn(netns);
        route.MoveTo(link.Index, target, name.ToString());
        return true;
    }

    /// <summary>
    /// Whether a process runs inside: true at a disconnect, false when the container has ended. Only then may the interface be deleted
    /// inside. libnetwork keeps a record of an interface that it could not move out, and the statistics of a running container fail because
    /// of it.
    /// </summary>
    public static bool HasProcesses(StoredEndpoint endpoint)
    {
        using var netns = Open(endpoint);
        return netns is not null && Inhabitants.OfHost.Has(netns);
    }

    /// <summary>The endpoint's interface, even if the container has changed its name, MAC or alias.</summary>
    public static Link? Find(StoredEndpoint endpoint)
    {
        using var netns = Open(endpoint);
        if (netns is null)
            return null;
        using var route = RouteSocket.OpenIn(netns);
        return LinkFinder.Find(endpoint.Link, endpoint.Mac, netns, route);
    }

    /// <summary>
    /// The families whose default route is over another interface than the endpoint's: Docker 28 chooses a gateway per family. Empty where
    /// the interface is not inside.
    /// </summary>
    public static IReadOnlySet<AddressFamily> FamiliesWithOtherGateway(StoredEndpoint endpoint)
    {
        using var netns = Open(endpoint);
        if (netns is null)
            return new HashSet<AddressFamily>();
        using var route = RouteSocket.OpenIn(netns);
        if (LinkFinder.Find(endpoint.Link, endpoint.Mac, netns, route) is not { } own)
            return new HashSet<AddressFamily>();
        return route.Routes().Where(way => way.PrefixLength == 0)
            .GroupBy(way => way.Destination.AddressFamily)
            .Where(ways => ways.GroupBy(way => way.Metric).MinBy(equal => equal.Key)!.All(way => way.LinkIndex != own.Index))
            .Select(ways => ways.Key)
            .ToHashSet();
    }

    /// <summary>
    /// The identity of the endpoint's interface where only its MAC was stored; null where the MAC is not that of exactly one interface with
    /// a parent or peer outside.
    /// </summary>
    public static LinkIdentity? Identify(StoredEndpoint endpoint)
    {
        using var netns = Open(endpoint);
        if (netns is null)
            return null;
        using var route = RouteSocket.OpenIn(netns);
        var fitting = route.Links().Where(link => string.Equals(link.Mac, endpoint.Mac, StringComparison.OrdinalIgnoreCase)).ToList();
        return fitting is [var only] && LinkFinder.IdentityIn(only, route) is { Parent: not 0 } identity ? identity : null;
    }

    /// <summary>Whether the interface is in the host's namespace, on its way into or out of the sandbox.</summary>
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
