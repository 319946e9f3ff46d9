using CniCore.Linux.Netlink;

namespace DockerDriver.State;

/// <summary>
/// What a container cannot change of an interface that it was given, whatever it may configure: name, MAC, alias and group are its own.
/// Valid for one boot.
/// </summary>
/// <param name="Kind">The kernel's word for it; null for hardware.</param>
/// <param name="Index">
/// Its number in the host's namespace when it was handed over. It keeps that in a sandbox where it is free; where it was not, the number
/// it has there. 0: not known.
/// </param>
/// <param name="Parent">The other end of a veth, or the parent of a macvlan, an ipvlan or a VLAN, by its number in the host's namespace;
/// 0: none there.</param>
/// <param name="Vlan">A VLAN's id; 0 for all else.</param>
internal sealed record LinkIdentity(string? Kind, int Index, int Parent, int Vlan = 0)
{
    /// <summary>Whether its other end alone identifies it, in whatever namespace it is: a veth has one, and keeps it.</summary>
    public bool IsPair => Kind == "veth" && Parent != 0;

    /// <summary>Of an interface that is there now.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="host">The number that its namespace has for the host's; null where it is in the host's itself.</param>
    public static LinkIdentity Of(Link link, int? host) =>
        new(link.Kind, link.Index, link.PeerNamespace == host ? link.PeerIndex : 0, link.Vlan);

    /// <summary>Whether the interface may be it: several of one parent differ in their number alone.</summary>
    public bool Fits(Link link, int? host) => Of(link, host) with { Index = Index } == this;
}
