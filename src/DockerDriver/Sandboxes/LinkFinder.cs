using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.State;
using CniCore.Spec;

namespace DockerDriver.Sandboxes;

/// <summary>
/// Finds an interface that an ADD has made among all that a container can make itself: by what the kernel lets nobody change
/// (<see cref="LinkIdentity"/>). Its MAC is a hint, for what was stored without an identity and for an interface that has another number
/// inside.
/// </summary>
internal static class LinkFinder
{
    private const int Unknown = -1;

    /// <summary>What identifies an interface of the host's namespace.</summary>
    public static LinkIdentity IdentityOnHost(Link link) => LinkIdentity.Of(link, host: null);

    /// <summary>What identifies an interface of another namespace.</summary>
    public static LinkIdentity IdentityIn(Link link, RouteSocket there) => LinkIdentity.Of(link, NumberOfHost(there));

    /// <summary>The interface, if it is in that namespace, which is not the host's; whatever it is called there.</summary>
    public static Link? Find(LinkIdentity? identity, string mac, NetworkNamespace space, RouteSocket inside)
    {
        var links = inside.Links(); // before any number is asked for: a namespace gets one when a peer in it is listed
        if (identity is null)
            return links.FirstOrDefault(link => HasMac(link, mac));
        if (identity.IsPair)
        {
            using var host = RouteSocket.Open();
            return OtherEnd(identity, host) is { PeerNamespace: { } number } end && number == host.NumberOf(space)
                ? links.FirstOrDefault(link => link.Index == end.PeerIndex)
                : null;
        }
        var fitting = links.Where(link => identity.Fits(link, NumberOfHost(inside))).ToList();
        return fitting.Find(link => link.Index == identity.Index)
            ?? (fitting.FindAll(link => HasMac(link, mac)) is [var only] ? only : null);
    }

    /// <summary>
    /// The interface, if it is in the host's namespace under that name. A container may have let libnetwork bring out another one.
    /// </summary>
    public static Link? FindOnHost(LinkIdentity? identity, string name, RouteSocket host)
    {
        if (host.FindLink(name) is not { } link || identity is null)
            return host.FindLink(name);
        return identity.Fits(link, host: null) ? link : null;
    }

    /// <summary>
    /// Deletes a veth that a container has hidden in a namespace of its own, by its other end. Nothing to do for one that is gone, or on
    /// the host; or that was the host's before: the plugin host-device gives such ones away.
    /// </summary>
    public static void Cut(LinkIdentity? identity, NetworkList list)
    {
        if (list.Plugins.Any(plugin => plugin.Type.ToString() == "host-device"))
            return;
        using var host = RouteSocket.Open();
        if (identity is { IsPair: true } && OtherEnd(identity, host) is { PeerNamespace: not null } end)
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
