namespace CniCore.Linux.Netlink;

/// <summary>A network interface.</summary>
/// <param name="Index">Its index in its namespace.</param>
/// <param name="Name">Its name in its namespace.</param>
/// <param name="Kind"><c>veth</c>, <c>bridge</c>, <c>macvlan</c>, …; null for hardware and <c>lo</c>.</param>
/// <param name="Mac">Hardware address, <c>aa:bb:cc:dd:ee:ff</c>; empty where it has none.</param>
/// <param name="Mtu">In bytes.</param>
/// <param name="IsUp">Administratively up.</param>
/// <param name="MasterIndex">The index of its bridge; 0 for none.</param>
/// <param name="PeerIndex">The index of a veth's other end, or of a macvlan's parent; 0 for none.</param>
/// <param name="Alias">Its alias; empty for none.</param>
public sealed record Link(int Index, string Name, string? Kind, string Mac, int Mtu, bool IsUp, int MasterIndex,
    int PeerIndex, string Alias)
{
    /// <summary>Its group, a number for whoever manages interfaces; 0 by default.</summary>
    public int Group { get; init; }

    /// <summary>Whether it was set promiscuous.</summary>
    public bool IsPromiscuous { get; init; }

    /// <summary>
    /// The namespace of <see cref="PeerIndex"/>, by its number in this namespace (<see cref="RouteSocket.NumberOf"/>); null for this one.
    /// Whoever may configure the interface can change its name, MAC, alias and group, but neither this nor the peer.
    /// </summary>
    public int? PeerNamespace { get; init; }

    /// <summary>The VLAN id of a VLAN interface, 1 to 4094; else 0.</summary>
    public int Vlan { get; init; }
}
