using System.Text.Json.Serialization;
using CniCore.Firewall;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>The configuration of the firewall plugin (plugins/meta/firewall).</summary>
internal sealed record FirewallConfig
{
    /// <summary>The configuration of the implied plugin, which has no chain for the administrator.</summary>
    public static readonly FirewallConfig Implied = new() { IsImplied = true };

    /// <summary><c>iptables</c> or <c>firewalld</c>; otherwise firewalld if it runs.</summary>
    [JsonPropertyName("backend")]
    public string? WireBackend { get; init; }

    [JsonPropertyName("iptablesAdminChainName")]
    public string? WireAdminChain { get; init; }

    [JsonPropertyName("firewalldZone")]
    public string? WireZone { get; init; }

    [JsonPropertyName("ingressPolicy")]
    public string? WirePolicy { get; init; }

    [JsonIgnore]
    public bool IsImplied { get; private init; }

    /// <summary>The administrator's chain in iptables, to which packets go before they are accepted; empty for none.</summary>
    [JsonIgnore]
    public string AdminChain => IsImplied ? "" : string.IsNullOrEmpty(WireAdminChain) ? "CNI-ADMIN" : WireAdminChain;

    /// <summary>The zone of firewalld that the addresses are added to.</summary>
    [JsonIgnore]
    public string Zone => string.IsNullOrEmpty(WireZone) ? "trusted" : WireZone;

    /// <summary>What the container accepts from other containers of this host.</summary>
    [JsonIgnore]
    public Ingress Ingress => WirePolicy switch { "isolated" => Ingress.None, "same-bridge" => Ingress.SameInterface, _ => Ingress.Open };

    /// <summary>Reads and checks the configuration of a call.</summary>
    /// <exception cref="CniPluginException">A value is wrong.</exception>
    public static FirewallConfig Of(BuiltinCall call)
    {
        var config = Unchecked(call);
        config.Check();
        return config;
    }

    /// <summary>Reads the configuration without checks, for what must not fail: DEL, and the rules of an existing attachment.</summary>
    public static FirewallConfig Unchecked(BuiltinCall call) => call.Read(FirewallJson.Default.FirewallConfig);

    private void Check()
    {
        if (WirePolicy is not (null or "" or "open" or "same-bridge" or "isolated"))
            throw new CniPluginException(CniErrorCode.InvalidConfig,
                $"unknown ingress policy: {WirePolicy}; it is open, same-bridge or isolated");
        // The name becomes part of a line for iptables-restore. iptables allows 28 characters.
        if (AdminChain.Length > 28 || !char.IsAsciiLetterOrDigit(AdminChain[0])
            || AdminChain.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')))
            throw new CniPluginException(CniErrorCode.InvalidConfig, $"iptablesAdminChainName \"{AdminChain}\" is not a valid chain name");
    }
}
