using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>What one address of a container publishes on the host's addresses.</summary>
/// <param name="Container">The container's address, with its subnet's length.</param>
/// <param name="Ports">Those of its family.</param>
internal sealed record PublishedPorts(CidrAddress Container, IReadOnlyList<PublishedPort> Ports)
{
    /// <summary>Who is seen under the host's address.</summary>
    public CallerTranslation Callers { get; init; }

    /// <summary>Whether answers to callers from the host's loopback addresses are let in.</summary>
    public bool ReturnsToLocalhost { get; init; }

    /// <summary>What a packet must meet besides, in nft's language; empty for nothing.</summary>
    public string Conditions { get; init; } = "";
}
