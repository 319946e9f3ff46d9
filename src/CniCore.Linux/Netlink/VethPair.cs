using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Netlink;

/// <summary>A veth pair to create.</summary>
/// <param name="Name">The name of this end.</param>
/// <param name="Peer">The name of the other end.</param>
public sealed record VethPair(string Name, string Peer)
{
    /// <summary>The MAC of this end; null for a random one.</summary>
    public string? Mac { get; init; }

    /// <summary>The MAC of the other end; null for a random one.</summary>
    public string? PeerMac { get; init; }

    /// <summary>MTU of both ends in bytes; null for 1500.</summary>
    public int? Mtu { get; init; }

    /// <summary>The bridge of this end; null for none.</summary>
    public int? MasterIndex { get; init; }

    /// <summary>The namespace in which the other end is created; null for this one.</summary>
    public NetworkNamespace? PeerNetns { get; init; }

    /// <summary>Whether this end is created up.</summary>
    public bool Up { get; init; }
}
