using System.Net;

namespace CniCore.Firewall;

/// <summary>What is sent from here to another subnet carries another address.</summary>
/// <param name="From">Whose packets: a container's address, or a whole subnet.</param>
/// <param name="Subnet">The subnet within which they keep their address.</param>
public sealed record SourceTranslation(IPNetwork From, IPNetwork Subnet)
{
    /// <summary>The address that they carry; null for that of the interface they leave by: masquerade.</summary>
    public IPAddress? To { get; init; }

    /// <summary>An interface over which they keep their address wherever they go; null for none.</summary>
    public string? NotOver { get; init; }
}
