using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.HostLocal;

/// <summary>The keys of plugins/ipam/host-local, as written.</summary>
internal sealed record HostLocalFields
{
    [JsonPropertyName("ipam")]
    public IpamFields? Ipam { get; init; }

    [JsonPropertyName("runtimeConfig")]
    public RuntimeFields? RuntimeConfig { get; init; }

    [JsonPropertyName("args")]
    public ArgsFields? Args { get; init; }

    /// <summary>The section <c>ipam</c>. It may be a range itself, the form before <c>ranges</c>.</summary>
    internal sealed record IpamFields : RangeFields
    {
        [JsonPropertyName("ranges")]
        public IReadOnlyList<IReadOnlyList<RangeFields>?>? Ranges { get; init; }

        [JsonPropertyName("routes")]
        public IReadOnlyList<CniRoute>? Routes { get; init; }

        [JsonPropertyName("dataDir")]
        public string? DataDir { get; init; }

        [JsonPropertyName("resolvConf")]
        public string? ResolvConf { get; init; }
    }

    /// <summary>The capabilities <c>ipRanges</c> and <c>ips</c>.</summary>
    internal sealed record RuntimeFields(
        [property: JsonPropertyName("ipRanges")] IReadOnlyList<IReadOnlyList<RangeFields>?>? IpRanges,
        [property: JsonPropertyName("ips")] IReadOnlyList<string>? Ips);

    /// <summary><c>args</c>.</summary>
    internal sealed record ArgsFields([property: JsonPropertyName("cni")] CniFields? Cni);

    /// <summary><c>args.cni</c>.</summary>
    internal sealed record CniFields([property: JsonPropertyName("ips")] IReadOnlyList<string>? Ips);
}
