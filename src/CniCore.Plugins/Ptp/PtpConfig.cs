using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.Ptp;

/// <summary>The keys of plugins/main/ptp.</summary>
internal sealed record PtpConfig
{
    [JsonPropertyName("ipMasq")]
    public bool? IpMasq { get; init; }

    /// <summary><c>iptables</c> or <c>nftables</c>. Taken and not followed: it is nftables.</summary>
    [JsonPropertyName("ipMasqBackend")]
    public string? IpMasqBackend { get; init; }

    /// <summary>In bytes; 0 for 1500.</summary>
    [JsonPropertyName("mtu")]
    public int? Mtu { get; init; }

    [JsonPropertyName("dns")]
    public CniDns? Dns { get; init; }

    /// <summary>Name resolution, where it says anything: then it goes before IPAM's.</summary>
    [JsonIgnore]
    public CniDns? SaidDns => Dns is { NameServers: null, Search: null, Options: null, Domain: null or "" } ? null : Dns;

    /// <exception cref="CniPluginException">A value is none of those there are.</exception>
    public PtpConfig Valid() => IpMasqBackend is null or "iptables" or "nftables"
        ? this
        : throw new CniPluginException(CniErrorCode.InvalidConfig, $"unknown ipmasq backend \"{IpMasqBackend}\"");
}
