using System.Net;

namespace CniCore.Firewall;

/// <summary>A source address translation for packets to outside a subnet.</summary>
/// <param name="From">The sources: a container's address, or a whole subnet.</param>
/// <param name="Subnet">The subnet within which packets keep their source address.</param>
public sealed record SourceTranslation(IPNetwork From, IPNetwork Subnet)
{
    /// <summary>The new source address; null for that of the outgoing interface (masquerade).</summary>
    public IPAddress? To { get; init; }

    /// <summary>An outgoing interface over which packets keep their source address; null for none.</summary>
    public string? NotOver { get; init; }
}
