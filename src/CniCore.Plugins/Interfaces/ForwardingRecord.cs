using System.Text.Json.Serialization;

namespace CniCore.Plugins.Interfaces;

/// <summary>Records that cnid enabled forwarding on this host, and what else it changed.</summary>
public sealed record ForwardingRecord
{
    /// <summary>
    /// The interfaces that existed before; no IPv4 packet is forwarded between them. Null if cnid did not enable forwarding of IPv4.
    /// </summary>
    [JsonPropertyName("ipv4")]
    public IReadOnlyList<string>? Ipv4 { get; init; }

    /// <summary>
    /// The interfaces that existed before; no IPv6 packet is forwarded between them. Null if cnid did not enable forwarding of IPv6.
    /// </summary>
    [JsonPropertyName("ipv6")]
    public IReadOnlyList<string>? Ipv6 { get; init; }

    /// <summary>All interfaces that existed before, and those that appear by themselves.</summary>
    [JsonPropertyName("present")]
    public IReadOnlyList<string> Present { get; init; } = [];

    /// <summary>Interfaces whose <c>accept_ra</c> was 1, which has no effect on a host that forwards, and is 2 now.</summary>
    [JsonPropertyName("acceptRa")]
    public IReadOnlyList<string> AcceptRa { get; init; } = [];
}
