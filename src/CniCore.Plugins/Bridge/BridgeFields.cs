using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The keys of plugins/main/bridge, as written.</summary>
internal sealed record BridgeFields
{
    /// <summary>The bridge's name; null or empty for <c>cni0</c>.</summary>
    [JsonPropertyName("bridge")]
    public string? Bridge { get; init; }

    /// <summary>The bridge gets the gateway addresses.</summary>
    [JsonPropertyName("isGateway")]
    public bool IsGateway { get; init; }

    /// <summary>The bridge gets the gateway addresses, and is the container's default gateway.</summary>
    [JsonPropertyName("isDefaultGateway")]
    public bool IsDefaultGateway { get; init; }

    /// <summary>A conflicting address of the bridge is removed. Otherwise it is an error.</summary>
    [JsonPropertyName("forceAddress")]
    public bool ForceAddress { get; init; }

    /// <summary>Packets to outside the subnet get the host's address.</summary>
    [JsonPropertyName("ipMasq")]
    public bool IpMasq { get; init; }

    /// <summary>In bytes; 0 for the kernel's default.</summary>
    [JsonPropertyName("mtu")]
    public int Mtu { get; init; }

    /// <summary>The container can reach itself through the bridge.</summary>
    [JsonPropertyName("hairpinMode")]
    public bool HairpinMode { get; init; }

    /// <summary>The bridge is promiscuous. Excludes hairpin mode.</summary>
    [JsonPropertyName("promiscMode")]
    public bool PromiscMode { get; init; }

    /// <summary>The port's VLAN, 1 to 4094; 0 for none.</summary>
    [JsonPropertyName("vlan")]
    public int Vlan { get; init; }

    /// <summary>The VLANs that the port passes tagged.</summary>
    [JsonPropertyName("vlanTrunk")]
    public IReadOnlyList<VlanRange>? VlanTrunk { get; init; }

    /// <summary>The port stays in VLAN 1 too.</summary>
    [JsonPropertyName("preserveDefaultVlan")]
    public bool PreserveDefaultVlan { get; init; }

    /// <summary>Frames from the container with another hardware address than its own are dropped.</summary>
    [JsonPropertyName("macspoofchk")]
    public bool MacSpoofCheck { get; init; }

    /// <summary>Duplicate address detection for IPv6 addresses.</summary>
    [JsonPropertyName("enabledad")]
    public bool EnableDad { get; init; }

    /// <summary>The container's interface stays down. Excludes an IPAM.</summary>
    [JsonPropertyName("disableContainerInterface")]
    public bool DisableContainerInterface { get; init; }

    /// <summary>Isolated ports cannot reach each other.</summary>
    [JsonPropertyName("portIsolation")]
    public bool PortIsolation { get; init; }

    /// <summary>Replaces the DNS configuration of the IPAM.</summary>
    [JsonPropertyName("dns")]
    public CniDns? Dns { get; init; }

    [JsonPropertyName("args")]
    public ArgsField? Args { get; init; }

    [JsonPropertyName("runtimeConfig")]
    public RuntimeField? RuntimeConfig { get; init; }

    /// <summary>
    /// Whether an engine's network has this list: its containers are nodes only, and no routers of each other. An administrator's list may
    /// well attach a router.
    /// </summary>
    [JsonIgnore]
    public bool IsOfGeneratedNetwork => RuntimeConfig?.HandOver is { Length: > 0 };

    /// <summary><c>args.cni.mac</c>.</summary>
    internal sealed record ArgsField([property: JsonPropertyName("cni")] CniField? Cni);

    /// <summary><c>args.cni</c>.</summary>
    internal sealed record CniField([property: JsonPropertyName("mac")] string? Mac);

    /// <summary>
    /// Capabilities: <c>mac</c>, and our own <c>handOver</c>: the container's end stays in the host's namespace under that name, without
    /// addresses, since the engine moves it.
    /// </summary>
    internal sealed record RuntimeField(
        [property: JsonPropertyName("mac")] string? Mac,
        [property: JsonPropertyName("handOver")] string? HandOver);
}
