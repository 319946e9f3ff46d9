using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.State;
using CniCore.Spec;

namespace DockerDriver.Sandboxes;

/// <summary>
/// Finds an interface that ADD created among all that the container may have created, by properties that the container cannot change (<see
/// cref="LinkIdentity"/>). The MAC is used for records without an identity, and for an interface whose index changed in the sandbox.
/// </summary>
internal static class LinkFinder
{
    private const int Unknown = -1;

    /// <summary>The identity of an interface in the host's namespace.</summary>
    public static LinkIdentity IdentityOnHost(Link link) => LinkIdentity.Of(link, host: null);

    /// <summary>The identity of an interface in another namespace.</summary>
    public static LinkIdentity IdentityIn(Link link, RouteSocket there) => LinkIdentity.Of(link, NumberOfHost(there));

    /// <summary>Finds the interface in a namespace other than the host's, under any name; null where it is not there.</summary>
    public static Link? Find(LinkIdentity? identity, string mac, NetworkNamespace netns, RouteSocket inside)
    {
        var links = inside.Links(); // listed first: listing assigns the namespace ids of the peers
        if (identity is null)
            return links.FirstOrDefault(link => HasMac(link, mac));
        if (identity.HasPeer)
        {
            using var host = RouteSocket.Open();
            return OtherEnd(identity, host) is { PeerNamespace: { } number } end && number == host.NumberOf(netns)
                ? links.FirstOrDefault(link => link.Index == end.PeerIndex)
                : null;
        }
        var fitting = links.Where(link => identity.Matches(link, NumberOfHost(inside))).ToList();
        return fitting.Find(link => link.Index == identity.Index)
            ?? (fitting.FindAll(link => HasMac(link, mac)) is [var only] ? only : null);
    }

    /// <summary>
    /// Finds the interface in the host's namespace under that name. libnetwork may have moved out another one that the container renamed.
    /// </summary>
    public static Link? FindOnHost(LinkIdentity? identity, string name, RouteSocket host)
    {
        if (host.FindLink(name) is not { } link || identity is null)
            return host.FindLink(name);
        return identity.Matches(link, host: null) ? link : null;
    }

    /// <summary>
    /// Deletes a veth that a container has moved to a namespace of its own, by its peer. Does nothing where the interface is gone or on the
    /// host; nor for <c>host-device</c>, whose interface belongs to the host.
    /// </summary>
    public static void DeletePeer(LinkIdentity? identity, NetworkList list)
    {
        if (list.Plugins.Any(plugin => plugin.Type.ToString() == "host-device"))
            return;
        using var host = RouteSocket.Open();
        if (identity is { HasPeer: true } && OtherEnd(identity, host) is { PeerNamespace: not null } end)
            host.DeleteLink(end.Index);
    }

    private static Link? OtherEnd(LinkIdentity identity, RouteSocket host) =>
        host.FindLink(identity.Parent) is { Kind: "veth" } end ? end : null;

    private static int NumberOfHost(RouteSocket there)
    {
        using var host = NetworkNamespace.Current();
        return there.NumberOf(host) ?? Unknown;
    }

    private static bool HasMac(Link link, string mac) => string.Equals(link.Mac, mac, StringComparison.OrdinalIgnoreCase);
}
