using CniCore.Linux.Netlink;

namespace DockerDriver.State;

/// <summary>
/// The properties of an interface that the kernel lets no container change; name, MAC, alias and group can be changed. Valid for one boot.
/// </summary>
/// <param name="Kind">The kernel's link kind (IFLA_INFO_KIND); null for hardware.</param>
/// <param name="Index">
/// Its interface index in the host's namespace when it was handed over. It keeps that index in a sandbox where the index is free; otherwise
/// this is the index it has there. 0: unknown.
/// </param>
/// <param name="Parent">
/// The index in the host's namespace of a veth's peer, or of the parent of a macvlan, an ipvlan or a VLAN; 0: none there.
/// </param>
/// <param name="Vlan">The VLAN id; 0 for all other kinds.</param>
internal sealed record LinkIdentity(string? Kind, int Index, int Parent, int Vlan = 0)
{
    /// <summary>Whether the peer alone identifies it: a veth keeps its peer in any namespace.</summary>
    public bool HasPeer => Kind == "veth" && Parent != 0;

    /// <summary>The identity of an existing interface.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="host">
    /// The namespace id (nsid) that the interface's namespace has for the host's; null where the interface is in the host's namespace.
    /// </param>
    public static LinkIdentity Of(Link link, int? host) =>
        new(link.Kind, link.Index, link.PeerNamespace == host ? link.PeerIndex : 0, link.Vlan);

    /// <summary>Whether the interface can be this one. Interfaces of the same parent differ in their index only.</summary>
    public bool Matches(Link link, int? host) => Of(link, host) with { Index = Index } == this;
}
