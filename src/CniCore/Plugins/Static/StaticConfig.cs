using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.Static;

/// <summary>The static plugin's part of a configuration (containernetworking/plugins, ipam/static).</summary>
internal sealed record StaticConfig
{
    [JsonPropertyName("ipam")]
    public IpamField? Ipam { get; init; }

    [JsonPropertyName("args")]
    public ArgsField? Args { get; init; }

    [JsonPropertyName("runtimeConfig")]
    public IpsField? RuntimeConfig { get; init; }

    /// <summary><c>ipam</c>.</summary>
    internal sealed record IpamField
    {
        [JsonPropertyName("addresses")]
        public IReadOnlyList<CniAddress>? Addresses { get; init; }

        [JsonPropertyName("routes")]
        public IReadOnlyList<CniRoute>? Routes { get; init; }

        [JsonPropertyName("dns")]
        public CniDns? Dns { get; init; }
    }

    /// <summary><c>args</c>.</summary>
    internal sealed record ArgsField([property: JsonPropertyName("cni")] IpsField? Cni);

    /// <summary><c>args.cni</c> and <c>runtimeConfig</c>: addresses with prefix length.</summary>
    internal sealed record IpsField([property: JsonPropertyName("ips")] IReadOnlyList<string>? Ips);
}
