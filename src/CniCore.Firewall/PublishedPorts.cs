using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>The published ports of one container address.</summary>
/// <param name="Container">The container's address, with the prefix length of its subnet.</param>
/// <param name="Ports">The ports of the address's family.</param>
internal sealed record PublishedPorts(CidrAddress Container, IReadOnlyList<PublishedPort> Ports)
{
    /// <summary>For which callers the source address becomes the host's.</summary>
    public CallerTranslation Callers { get; init; }

    /// <summary>Whether callers from the host's loopback addresses get their answers.</summary>
    public bool ReturnsToLocalhost { get; init; }

    /// <summary>Further conditions on a packet, in nft's syntax; empty for none.</summary>
    public string Conditions { get; init; } = "";
}
