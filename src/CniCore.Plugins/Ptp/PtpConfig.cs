using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.Ptp;

/// <summary>The configuration of ptp (plugins/main/ptp).</summary>
internal sealed record PtpConfig
{
    [JsonPropertyName("ipMasq")]
    public bool? IpMasq { get; init; }

    /// <summary><c>iptables</c> or <c>nftables</c>. Accepted and ignored: nftables is used.</summary>
    [JsonPropertyName("ipMasqBackend")]
    public string? IpMasqBackend { get; init; }

    /// <summary>In bytes; 0 for 1500.</summary>
    [JsonPropertyName("mtu")]
    public int? Mtu { get; init; }

    [JsonPropertyName("dns")]
    public CniDns? Dns { get; init; }

    /// <summary>The DNS configuration if it is not empty; it wins over IPAM's.</summary>
    [JsonIgnore]
    public CniDns? SaidDns => Dns is { NameServers: null, Search: null, Options: null, Domain: null or "" } ? null : Dns;

    /// <summary>Reads and checks the configuration of a call.</summary>
    /// <exception cref="CniPluginException">A value is wrong.</exception>
    public static PtpConfig Of(BuiltinCall call) =>
        Unchecked(call) is { IpMasqBackend: null or "iptables" or "nftables" } config
            ? config
            : throw new CniPluginException(CniErrorCode.InvalidConfig, $"unknown ipmasq backend \"{Unchecked(call).IpMasqBackend}\"");

    /// <summary>Reads the configuration without checks, for what must not fail: DEL, and the rules of an existing attachment.</summary>
    public static PtpConfig Unchecked(BuiltinCall call) => call.Read(PtpJson.Default.PtpConfig);
}
