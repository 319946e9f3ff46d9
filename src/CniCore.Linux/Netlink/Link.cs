namespace CniCore.Linux.Netlink;

/// <summary>A network interface.</summary>
/// <param name="Index">Its number in its namespace.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Kind"><c>veth</c>, <c>bridge</c>, <c>macvlan</c>, …; null for hardware and <c>lo</c>.</param>
/// <param name="Mac">Hardware address, <c>aa:bb:cc:dd:ee:ff</c>; empty where it has none.</param>
/// <param name="Mtu">In bytes.</param>
/// <param name="IsUp">Administratively up.</param>
/// <param name="MasterIndex">The bridge it is a port of; 0 for none.</param>
/// <param name="PeerIndex">The other end of a veth, the parent of a macvlan; 0 for none.</param>
/// <param name="Alias">Its alias; empty for none.</param>
public sealed record Link(int Index, string Name, string? Kind, string Mac, int Mtu, bool IsUp, int MasterIndex,
    int PeerIndex, string Alias)
{
    /// <summary>Its group, a number of whoever manages interfaces; 0 unless somebody set one.</summary>
    public int Group { get; init; }

    /// <summary>Somebody has set it promiscuous.</summary>
    public bool IsPromiscuous { get; init; }

    /// <summary>
    /// The namespace in which <see cref="PeerIndex"/> counts, by the number that this namespace has for it
    /// (<see cref="RouteSocket.NumberOf"/>); null: this one. Who may configure the interface can change its name, MAC, alias and group,
    /// but neither this nor the peer.
    /// </summary>
    public int? PeerNamespace { get; init; }

    /// <summary>A VLAN's id, 1 to 4094; 0 for all else.</summary>
    public int Vlan { get; init; }
}
