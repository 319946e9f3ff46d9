using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Netlink;

/// <summary>A veth pair to be made.</summary>
/// <param name="Name">The end that stays here.</param>
/// <param name="Peer">The other end.</param>
public sealed record VethPair(string Name, string Peer)
{
    /// <summary>Hardware address of this end; null for one of the kernel's choice.</summary>
    public string? Mac { get; init; }

    /// <summary>Hardware address of the other end; null for one of the kernel's choice.</summary>
    public string? PeerMac { get; init; }

    /// <summary>MTU of both ends in bytes; null for 1500.</summary>
    public int? Mtu { get; init; }

    /// <summary>The bridge this end becomes a port of.</summary>
    public int? MasterIndex { get; init; }

    /// <summary>Where the other end is made; null for here.</summary>
    public NetworkNamespace? PeerNetns { get; init; }

    /// <summary>This end is up from the start.</summary>
    public bool Up { get; init; }
}
