using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>What an ADD made, in the shape of spec 1.1.0, whatever version it was written in (CNI spec, section 5).</summary>
public sealed record CniResult
{
    /// <summary>The version of the configuration it belongs to.</summary>
    [JsonPropertyName("cniVersion")]
    public string CniVersion { get; init; } = "";

    /// <summary>The interfaces made, host's and container's.</summary>
    [JsonPropertyName("interfaces")]
    public IReadOnlyList<CniInterface> Interfaces { get; init; } = [];

    /// <summary>The addresses, in the order the plugins gave them.</summary>
    [JsonPropertyName("ips")]
    public IReadOnlyList<CniAddress> Ips { get; init; } = [];

    /// <summary>The routes set inside the container.</summary>
    [JsonPropertyName("routes")]
    public IReadOnlyList<CniRoute> Routes { get; init; } = [];

    /// <summary>Name servers, for whoever writes the container's resolv.conf; null where the plugins gave none.</summary>
    [JsonPropertyName("dns")]
    public CniDns? Dns { get; init; }
}
