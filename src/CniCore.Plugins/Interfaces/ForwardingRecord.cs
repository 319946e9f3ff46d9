using System.Text.Json.Serialization;

namespace CniCore.Plugins.Interfaces;

/// <summary>That cnid made this host forward, and what it did beside.</summary>
public sealed record ForwardingRecord
{
    /// <summary>
    /// The interfaces between which no IPv4 packet is forwarded: those that were there before; null where cnid did not turn IPv4's
    /// forwarding on.
    /// </summary>
    [JsonPropertyName("ipv4")]
    public IReadOnlyList<string>? Ipv4 { get; init; }

    /// <summary>The same for IPv6.</summary>
    [JsonPropertyName("ipv6")]
    public IReadOnlyList<string>? Ipv6 { get; init; }

    /// <summary>All interfaces that were there, or come without anybody making them.</summary>
    [JsonPropertyName("present")]
    public IReadOnlyList<string> Present { get; init; } = [];

    /// <summary>Those whose <c>accept_ra</c> was 1, which means off on a host that forwards, and is 2 now.</summary>
    [JsonPropertyName("acceptRa")]
    public IReadOnlyList<string> AcceptRa { get; init; } = [];
}
