using System.Net;
using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.Static;

/// <summary>The keys of plugins/ipam/static, as written.</summary>
internal sealed record StaticFields
{
    [JsonPropertyName("ipam")]
    public IpamFields? Ipam { get; init; }

    [JsonPropertyName("runtimeConfig")]
    public IpsFields? RuntimeConfig { get; init; }

    [JsonPropertyName("args")]
    public ArgsFields? Args { get; init; }

    /// <summary><c>ipam</c>.</summary>
    internal sealed record IpamFields(
        [property: JsonPropertyName("addresses")] IReadOnlyList<AddressFields>? Addresses,
        [property: JsonPropertyName("routes")] IReadOnlyList<CniRoute>? Routes,
        [property: JsonPropertyName("dns")] CniDns? Dns);

    /// <summary>An entry of <c>ipam.addresses</c>.</summary>
    internal sealed record AddressFields(
        [property: JsonPropertyName("address")] string? Address,
        [property: JsonPropertyName("gateway")] IPAddress? Gateway);

    /// <summary><c>args</c>.</summary>
    internal sealed record ArgsFields([property: JsonPropertyName("cni")] IpsFields? Cni);

    /// <summary><c>args.cni</c>, and the capability.</summary>
    internal sealed record IpsFields([property: JsonPropertyName("ips")] IReadOnlyList<string>? Ips);
}
